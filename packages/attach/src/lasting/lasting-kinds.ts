import { AttachFlag, AttachType, Errno, type Fd, NetlinkProtocol, NetlinkSocket, progAttach, progDetach, snakeName } from '@bpf/sys'
import { openCgroup } from '../cgroup/cgroup-path'
import type { AttachContext } from '../context'
import type { LinkLabel } from '../link/link'
import { inNetns, nameInterface, resolveInterface } from '../network'
import { registerByUpdate, unregisterByDelete } from '../struct-ops/struct-ops-update'
import type { Explanation } from '../ways'
import { getXdp, setXdp, XdpFlag, type XdpMode, xdpModeFlags } from '../xdp/xdp-netlink'
import type { LastingHook, LastingProgram } from './lasting'

/** How programs come to a kind of hook and go from it. */
interface LastingKind<H extends LastingHook> {
  /** The hook, as a reader would name it. */
  readonly name: (hook: H) => string
  /** @throws SyscallError */
  readonly attach: (context: AttachContext, hook: H, program: LastingProgram, label: LinkLabel) => void
  /** @throws SyscallError */
  readonly detach: (context: AttachContext, hook: H, program: LastingProgram | undefined, label: LinkLabel) => void
  /** What refusals mean here, by errno, where it is not what they mean everywhere. */
  readonly refusals?: Readonly<Record<number, Explanation>>
}

type Hook<K extends LastingHook['kind']> = Extract<LastingHook, { readonly kind: K }>

const cgroupModes = { multi: AttachFlag.AllowMulti, override: AttachFlag.AllowOverride, exclusive: 0 } as const

const cgroup: LastingKind<Hook<'cgroup'>> = {
  name: hook => `${snakeName(AttachType, hook.attachType)} of cgroup ${hook.cgroup}`,
  attach(context, { cgroup: path, attachType, mode = 'exclusive' }, { fd }, label) {
    using directory = openCgroup(context, path, label)
    progAttach(context.sys, { targetFd: directory.fd, attachType, progFd: fd, flags: cgroupModes[mode] })
  },
  detach(context, { cgroup: path, attachType }, program, label) {
    using directory = openCgroup(context, path, label)
    progDetach(context.sys, { targetFd: directory.fd, attachType, progFd: program?.fd })
  },
}

const tcxTypes = { ingress: AttachType.TcxIngress, egress: AttachType.TcxEgress } as const

const tcx: LastingKind<Hook<'tcx'>> = {
  name: hook => `tcx ${hook.direction} of ${nameInterface(hook)}`,
  attach({ sys }, hook, { fd }, label) {
    onInterface({ sys }, hook, label, targetIfindex => progAttach(sys, { targetIfindex, attachType: tcxTypes[hook.direction], progFd: fd }))
  },
  detach({ sys }, hook, program, label) {
    onInterface({ sys }, hook, label, targetIfindex =>
      progDetach(sys, { targetIfindex, attachType: tcxTypes[hook.direction], progFd: program?.fd }),
    )
  },
}

const xdp: LastingKind<Hook<'xdp'>> = {
  name: hook => `XDP of ${nameInterface(hook)}${hook.mode === undefined ? '' : ` (${hook.mode})`}`,
  attach({ sys }, hook, { fd }, label) {
    onInterface({ sys }, hook, label, ifindex => {
      using route = new NetlinkSocket(sys, NetlinkProtocol.Route)
      const careful = hook.overwrite === true ? 0 : XdpFlag.UpdateIfNoexist
      setXdp(route, { ifindex, progFd: fd, flags: careful | modeFlags(hook.mode) })
    })
  },
  detach({ sys }, hook, _, label) {
    onInterface({ sys }, hook, label, ifindex => {
      using route = new NetlinkSocket(sys, NetlinkProtocol.Route)
      setXdp(route, { ifindex, progFd: undefined, flags: modeFlags(hook.mode ?? onlyMode(route, ifindex)) })
    })
  },
}

function modeFlags(mode: XdpMode | undefined): number {
  return mode === undefined ? 0 : xdpModeFlags[mode]
}

/** Without a mode, the kernel would look at the native one alone where the driver has it. */
function onlyMode(route: NetlinkSocket, ifindex: number): XdpMode | undefined {
  const [mode, ...others] = getXdp(route, ifindex).keys()
  return others.length === 0 ? mode : undefined
}

function onInterface(
  { sys }: Pick<AttachContext, 'sys'>,
  hook: Hook<'xdp' | 'tcx'>,
  label: LinkLabel,
  act: (ifindex: number) => void,
): void {
  inNetns(sys, hook.netns, () => act(resolveInterface(sys, hook.interface, label)))
}

const sockmap: LastingKind<Hook<'sockmap'>> = {
  name: ({ map, attachType }) => `${snakeName(AttachType, attachType)} of map ${map.name}`,
  attach: ({ sys }, { map, attachType }, { fd }) => progAttach(sys, { targetFd: map.fd as Fd, attachType, progFd: fd }),
  detach: ({ sys }, { map, attachType }, program) => progDetach(sys, { targetFd: map.fd as Fd, attachType, progFd: program?.fd }),
  refusals: {
    [Errno.EBUSY]: { problem: 'a program is attached there already', hint: 'of verdict and stream_verdict only one can be attached' },
    [Errno.EOPNOTSUPP]: { problem: 'the map is no sockmap or sockhash, or takes no such program' },
  },
}

/** BPF_PROG_ATTACH knows the calling thread's namespace only, and wants no descriptor. */
const currentNamespace = { targetFd: 0 as Fd, attachType: AttachType.FlowDissector } as const

const flowDissector: LastingKind<Hook<'flow_dissector'>> = {
  name: ({ netns }) => `flow dissector of network namespace ${netns ?? 'of this process'}`,
  attach: ({ sys }, { netns }, { fd }) => inNetns(sys, netns, () => progAttach(sys, { ...currentNamespace, progFd: fd })),
  detach: ({ sys }, { netns }, program) => inNetns(sys, netns, () => progDetach(sys, { ...currentNamespace, progFd: program?.fd })),
}

const structOps: LastingKind<Hook<'struct_ops'>> = {
  name: () => 'struct_ops',
  attach: ({ sys }, { value }, map) => registerByUpdate(sys, map.fd, value),
  detach({ sys }, _, map) {
    if (map !== undefined) unregisterByDelete(sys, map.fd)
  },
  refusals: {
    [Errno.EEXIST]: { problem: 'an implementation of that name is registered already' },
    [Errno.EBUSY]: { problem: 'it is registered already' },
    [Errno.ENOENT]: { problem: 'it is not registered' },
    [Errno.EINVAL]: { hint: 'the kernel may insist on functions that the implementation lacks, or refuse its values' },
  },
}

const kinds: { readonly [K in LastingHook['kind']]: LastingKind<Hook<K>> } = {
  cgroup,
  tcx,
  xdp,
  sockmap,
  flow_dissector: flowDissector,
  struct_ops: structOps,
}

export function lastingKind<H extends LastingHook>(hook: H): LastingKind<H> {
  return kinds[hook.kind] as unknown as LastingKind<H>
}
