import { attachLasting, detachLasting, type LastingHook } from '@bpf/attach'
import { nearNames } from '@bpf/bytes'
import { getProgInfo, type OwnedFd } from '@bpf/sys'
import { ExitCode, type Io, UsageError } from '@bpf/terminal'
import { type KernelContext, withKernel } from '../context'
import { noMore, openOne, takeSelector } from '../selector'

export interface NetChangeInvocation {
  readonly positionals: readonly string[]
  readonly options: { readonly netns: string | undefined; readonly overwrite?: boolean }
  readonly io: Io
}

/** What bpftool calls the hooks of an interface. */
const hooks = {
  xdp: { kind: 'xdp' },
  xdpgeneric: { kind: 'xdp', mode: 'generic' },
  xdpdrv: { kind: 'xdp', mode: 'native' },
  xdpoffload: { kind: 'xdp', mode: 'offload' },
  tcx_ingress: { kind: 'tcx', direction: 'ingress' },
  tcx_egress: { kind: 'tcx', direction: 'egress' },
} as const

type HookName = keyof typeof hooks

const attachUsage = 'write: bpf net attach xdp id 12 dev eth0'
const detachUsage = 'write: bpf net detach xdp dev eth0'

export async function runNetAttach({ positionals, options, io }: NetChangeInvocation): Promise<number> {
  const [name, ...operands] = positionals
  const hook = parseHook(name, attachUsage)
  const { selector, rest } = takeSelector(operands, 'prog', io)
  const { device, overwrite } = parseDevice(rest, attachUsage)
  const where = target(hook, device, { ...options, overwrite: overwrite || options.overwrite === true }, io)
  return withKernel(context => {
    using program = openOne(context, 'prog', selector)
    attachLasting(context, described(context, program), where)
    io.note(`attached to ${hook} of ${device}; bpf net detach ${hook} dev ${device} takes it away`)
    return ExitCode.Ok
  })
}

export async function runNetDetach({ positionals, options, io }: NetChangeInvocation): Promise<number> {
  const [name, ...operands] = positionals
  const hook = parseHook(name, detachUsage)
  const taken = operands[0] === 'dev' ? undefined : takeSelector(operands, 'prog', io)
  const { device } = parseDevice(taken?.rest ?? operands, detachUsage)
  const where = target(hook, device, options, io)
  return withKernel(context => {
    using program = taken && openOne(context, 'prog', taken.selector)
    detachLasting(context, where, program && described(context, program))
    return ExitCode.Ok
  })
}

/** @throws UsageError with near names */
function parseHook(name: string | undefined, usage: string): HookName {
  if (name !== undefined && Object.hasOwn(hooks, name)) return name as HookName
  if (name === undefined) throw new UsageError('which hook?', usage)
  const near = nearNames(name, Object.keys(hooks))
  throw new UsageError(
    `${name}: no such hook of an interface`,
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : `one of ${Object.keys(hooks).join(', ')}`,
  )
}

/** `dev NAME`, and behind it `overwrite` as bpftool has it. */
function parseDevice(operands: readonly string[], usage: string): { readonly device: string; readonly overwrite: boolean } {
  const [keyword, device, last, ...rest] = operands
  if (keyword !== 'dev' || device === undefined) throw new UsageError('on which interface?', usage)
  noMore(last === 'overwrite' || last === undefined ? rest : [last, ...rest])
  return { device, overwrite: last === 'overwrite' }
}

function target(hook: HookName, device: string, options: NetChangeInvocation['options'], io: Io): LastingHook {
  const { netns, overwrite = false } = options
  const where = { interface: device, ...(netns === undefined ? {} : { netns: io.resolvePath(netns) }) }
  const kind = hooks[hook]
  return kind.kind === 'xdp' ? { ...kind, ...where, overwrite } : { ...kind, ...where }
}

function described({ sys }: KernelContext, { fd }: OwnedFd) {
  return { name: getProgInfo(sys, fd).name, fd }
}
