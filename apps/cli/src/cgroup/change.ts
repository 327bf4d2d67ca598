import { attachLasting, cgroupAttachTypes, detachLasting, type LastingHook } from '@bpf/attach'
import { nearNames } from '@bpf/bytes'
import { AttachType, getProgInfo, snakeName } from '@bpf/sys'
import { ExitCode, type Io, UsageError } from '@bpf/terminal'
import { withKernel } from '../context'
import { noMore, openOne, takeSelector } from '../selector'

export interface CgroupChangeInvocation {
  readonly positionals: readonly string[]
  readonly io: Io
}

type CgroupMode = 'multi' | 'override'

export async function runCgroupAttach({ positionals, io }: CgroupChangeInvocation): Promise<number> {
  const { cgroup, attachType, operands } = parseHook(positionals)
  const { selector, rest } = takeSelector(operands, 'prog', io)
  const [mode, ...more] = rest
  if (mode !== undefined && !isMode(mode)) throw new UsageError(`${mode}: not understood`, 'multi or override may follow')
  noMore(more)
  const hook: LastingHook = { kind: 'cgroup', cgroup, attachType, ...(mode === undefined ? {} : { mode }) }
  return withKernel(context => {
    using program = openOne(context, 'prog', selector)
    attachLasting(context, { name: getProgInfo(context.sys, program.fd).name, fd: program.fd }, hook)
    return ExitCode.Ok
  })
}

export async function runCgroupDetach({ positionals, io }: CgroupChangeInvocation): Promise<number> {
  const { cgroup, attachType, operands } = parseHook(positionals)
  const { selector, rest } = takeSelector(operands, 'prog', io)
  noMore(rest)
  return withKernel(context => {
    using program = openOne(context, 'prog', selector)
    const described = { name: getProgInfo(context.sys, program.fd).name, fd: program.fd }
    detachLasting(context, { kind: 'cgroup', cgroup, attachType }, described)
    return ExitCode.Ok
  })
}

function parseHook([cgroup, type, ...operands]: readonly string[]) {
  if (cgroup === undefined || type === undefined)
    throw new UsageError('which cgroup, for what?', 'write: bpf cgroup attach CGROUP egress id 12')
  return { cgroup, attachType: parseAttachType(type), operands }
}

function isMode(word: string): word is CgroupMode {
  return word === 'multi' || word === 'override'
}

/** By the names of bpf.h, and by short ones: `egress`, `connect4`, `sendmsg6`, `sock_create`. */
const attachTypes: ReadonlyMap<string, number> = new Map(
  cgroupAttachTypes.flatMap(type => {
    const name = snakeName(AttachType, type)
    return [
      [name, type],
      [shortName(name), type],
    ] as const
  }),
)

/** `cgroup_inet4_connect` → `connect4`. */
function shortName(name: string): string {
  return name
    .replace(/^cgroup_/, '')
    .replace(/^(?:inet|udp)([46])_(.*)$/, '$2$1')
    .replace(/^inet_/, '')
}

/** @throws UsageError with near names */
export function parseAttachType(name: string): number {
  const type = attachTypes.get(name)
  if (type !== undefined) return type
  const near = nearNames(name, [...attachTypes.keys()])
  throw new UsageError(
    `${name}: cgroups have no such attach type`,
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : `one of ${[...new Set([...attachTypes.keys()].map(shortName))].join(', ')}`,
  )
}
