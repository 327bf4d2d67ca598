import { attachLasting, detachLasting, type LastingHook } from '@bpf/attach'
import { nearNames } from '@bpf/bytes'
import { AttachType, getMapInfo, getProgInfo, type OwnedFd } from '@bpf/sys'
import { ExitCode, type Io, UsageError } from '@bpf/terminal'
import { type KernelContext, withKernel } from '../context'
import { noMore, openOne, takeSelector } from '../selector'
import { attachByLink, parsePlace } from './attach-by-link'

interface Invocation {
  readonly positionals: readonly string[]
  readonly options: { readonly netns: string | undefined; readonly pin?: string | undefined }
  readonly io: Io
}

/** Where a program can be attached to stay that is no cgroup and no interface, as bpftool calls it. */
const attachTypes: Readonly<Record<string, number>> = {
  sk_msg_verdict: AttachType.SkMsgVerdict,
  sk_skb_verdict: AttachType.SkSkbVerdict,
  sk_skb_stream_verdict: AttachType.SkSkbStreamVerdict,
  sk_skb_stream_parser: AttachType.SkSkbStreamParser,
  flow_dissector: AttachType.FlowDissector,
}

/** `bpf prog attach PROG TYPE [MAP]` and `detach`; `bpf prog attach PROG HOOK[=TARGET] --pin PATH`. */
export function runProgAttach(what: 'attach' | 'detach', { positionals, options, io }: Invocation): Promise<number> {
  const { selector, rest } = takeSelector(positionals, 'prog', io)
  const [typeName, ...operands] = rest
  const isBpftools = typeName !== undefined && Object.hasOwn(attachTypes, typeName) && options.pin === undefined
  const place = what === 'attach' && typeName !== undefined && !isBpftools ? parsePlace(typeName) : undefined
  if (place !== undefined) {
    noMore(operands)
    return attachByLink(selector, place, options.pin, io)
  }
  const attachType = parseType(typeName, what)
  const isDissector = attachType === AttachType.FlowDissector
  if (isDissector) noMore(operands)
  const taken = isDissector ? undefined : takeSelector(operands, 'map', io)
  if (taken !== undefined) noMore(taken.rest)
  return withKernel(context => {
    using program = openOne(context, 'prog', selector)
    using map = taken && openOne(context, 'map', taken.selector)
    const described = { name: getProgInfo(context.sys, program.fd).name, fd: program.fd }
    const hook = hookOf(context, attachType, map, options, io)
    if (what === 'attach') attachLasting(context, described, hook)
    else detachLasting(context, hook, described)
    return ExitCode.Ok
  })
}

/** @throws UsageError with near names */
function parseType(name: string | undefined, what: string): number {
  const type = name !== undefined && Object.hasOwn(attachTypes, name) ? attachTypes[name] : undefined
  if (type !== undefined) return type
  if (name === undefined)
    throw new UsageError(
      'to what?',
      what === 'attach'
        ? 'bpf prog attach PROG kprobe=vfs_read --pin PATH, or PROG sk_msg_verdict MAP'
        : `bpf prog ${what} PROG sk_msg_verdict MAP`,
    )
  const near = nearNames(name, Object.keys(attachTypes))
  const hint =
    near.length > 0
      ? `did you mean ${near.join(' or ')}?`
      : `one of ${Object.keys(attachTypes).join(', ')}; see also bpf net and bpf cgroup ${what}`
  throw new UsageError(`${name}: programs are not attached so`, hint)
}

function hookOf(
  { sys }: KernelContext,
  attachType: number,
  map: OwnedFd | undefined,
  { netns }: Invocation['options'],
  io: Io,
): LastingHook {
  if (map === undefined) return { kind: 'flow_dissector', ...(netns !== undefined && { netns: io.resolvePath(netns) }) }
  return { kind: 'sockmap', attachType, map: { fd: map.fd, name: getMapInfo(sys, map.fd).name } }
}
