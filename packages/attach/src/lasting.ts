import {
  AttachFlag,
  AttachType,
  Errno,
  type Fd,
  isSyscallError,
  NetlinkError,
  NetlinkProtocol,
  NetlinkSocket,
  progAttach,
  progDetach,
  type SyscallError,
  snakeName,
} from '@bpf/sys'
import { openCgroup } from './cgroup-path'
import type { AttachContext } from './context'
import { AttachError, DetachError } from './errors'
import type { LinkLabel } from './link'
import { type InterfaceTarget, inNetns, nameInterface, resolveInterface } from './network'
import type { Direction } from './tc-netlink'
import { getXdp, setXdp, XdpFlag, type XdpMode, xdpModeFlags } from './xdp-netlink'

/** A hook that keeps its programs without a link: they are called until somebody detaches them, whoever lives. */
export type LastingHook =
  | ({ readonly kind: 'xdp'; readonly mode?: XdpMode; readonly overwrite?: boolean } & InterfaceTarget)
  | ({ readonly kind: 'tcx'; readonly direction: Direction } & InterfaceTarget)
  | {
      readonly kind: 'cgroup'
      readonly cgroup: string
      /** `AttachType`. */
      readonly attachType: number
      /** How it lives with programs of other cgroups; `exclusive` unless given, as the kernel has it. */
      readonly mode?: 'multi' | 'override' | 'exclusive'
    }

/** A program that is loaded, whoever did it. */
export interface LastingProgram {
  readonly name: string
  readonly fd: Fd
}

const modeFlags = { multi: AttachFlag.AllowMulti, override: AttachFlag.AllowOverride, exclusive: 0 } as const

/**
 * Attaches for good, as bpftool and ip(8) do: what a tool attaches stays when it has ended, and is no leftover of it.
 * @throws AttachError
 */
export function attachLasting(context: AttachContext, program: LastingProgram, hook: LastingHook): void {
  change(context, program, hook, 'attach')
}

/**
 * Detaches what is attached without a link. Of a cgroup, the program must be given; of tcx, the last to run goes unless one is.
 * @throws DetachError
 */
export function detachLasting(context: AttachContext, hook: LastingHook, program?: LastingProgram): void {
  change(context, program, hook, 'detach')
}

function change(context: AttachContext, program: LastingProgram | undefined, hook: LastingHook, what: 'attach' | 'detach'): void {
  const { sys } = context
  const label: LinkLabel = { kind: hook.kind, program: program?.name ?? '', target: nameHook(hook) }
  try {
    if (hook.kind === 'cgroup') {
      const { attachType, mode = 'exclusive' } = hook
      using directory = openCgroup(context, hook.cgroup, label)
      const here = { targetFd: directory.fd, attachType }
      if (what === 'detach') progDetach(sys, { ...here, progFd: program?.fd })
      else if (program !== undefined) progAttach(sys, { ...here, progFd: program.fd, flags: modeFlags[mode] })
      return
    }
    inNetns(sys, hook.netns, () => changeInterface(context, resolveInterface(sys, hook.interface, label), program, hook, what))
  } catch (error) {
    if (!isSyscallError(error)) throw error
    const { problem, hint } = explain(error)
    const Refused = what === 'attach' ? AttachError : DetachError
    throw new Refused({ program: label.program, target: label.target, problem, hint, cause: error })
  }
}

function changeInterface(
  { sys }: AttachContext,
  ifindex: number,
  program: LastingProgram | undefined,
  hook: Extract<LastingHook, InterfaceTarget>,
  what: 'attach' | 'detach',
): void {
  if (hook.kind === 'tcx') {
    const here = { targetIfindex: ifindex, attachType: hook.direction === 'ingress' ? AttachType.TcxIngress : AttachType.TcxEgress }
    if (what === 'detach') progDetach(sys, { ...here, progFd: program?.fd })
    else if (program !== undefined) progAttach(sys, { ...here, progFd: program.fd })
    return
  }
  using route = new NetlinkSocket(sys, NetlinkProtocol.Route)
  const { mode = what === 'detach' ? onlyMode(route, ifindex) : undefined, overwrite = false } = hook
  const careful = what === 'attach' && !overwrite ? XdpFlag.UpdateIfNoexist : 0
  const progFd = what === 'attach' ? program?.fd : undefined
  setXdp(route, { ifindex, progFd, flags: careful | (mode === undefined ? 0 : xdpModeFlags[mode]) })
}

/** Without a mode, the kernel would look at the native one alone where the driver has it. */
function onlyMode(route: NetlinkSocket, ifindex: number): XdpMode | undefined {
  const [mode, ...others] = getXdp(route, ifindex).keys()
  return others.length === 0 ? mode : undefined
}

const explanations: Readonly<Record<number, { readonly problem: string; readonly hint?: string }>> = {
  [Errno.ENOENT]: { problem: 'it is not attached there' },
  [Errno.EPERM]: {
    problem: 'EPERM',
    hint: 'a program attached here or further up without "multi" or "override" may forbid others; or run as root',
  },
  [Errno.EBUSY]: { problem: 'another program is attached', hint: 'detach it first, or overwrite it; what a link holds goes with its link' },
  [Errno.EEXIST]: { problem: 'a program is attached already', hint: 'detach it first, or overwrite it' },
  [Errno.EOPNOTSUPP]: { problem: 'the driver cannot do that', hint: 'generic mode works with every driver' },
  [Errno.EINVAL]: { problem: 'EINVAL', hint: 'the program may be of a type that does not go there' },
}

function explain(error: SyscallError): { readonly problem: string; readonly hint?: string | undefined } {
  const known = explanations[error.errno]
  const text = error instanceof NetlinkError ? error.text : undefined
  return { problem: text ?? known?.problem ?? error.errnoName, hint: known?.hint }
}

function nameHook(hook: LastingHook): string {
  if (hook.kind === 'cgroup') return `${snakeName(AttachType, hook.attachType)} of cgroup ${hook.cgroup}`
  if (hook.kind === 'tcx') return `tcx ${hook.direction} of ${nameInterface(hook)}`
  return `XDP of ${nameInterface(hook)}${hook.mode === undefined ? '' : ` (${hook.mode})`}`
}
