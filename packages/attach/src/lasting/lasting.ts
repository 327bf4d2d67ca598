import { Errno, type Fd, isSyscallError, NetlinkError, type SyscallError } from '@bpf/sys'
import type { AttachContext, NamedMap } from '../context'
import { AttachError, DetachError } from '../errors'
import type { LinkLabel } from '../link/link'
import type { InterfaceTarget } from '../network'
import type { Direction } from '../tc/filters'
import type { Explanation } from '../ways'
import type { XdpMode } from '../xdp/xdp-netlink'
import { lastingKind } from './lasting-kinds'

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
  /** What the sockets of a map receive or send. `attachType`: of a parser, a verdict or a message program. */
  | { readonly kind: 'sockmap'; readonly map: NamedMap; readonly attachType: number }
  | { readonly kind: 'flow_dissector'; readonly netns?: string }
  /** Registers a struct_ops map that was made without a link: the map, in the place of a program, with its `value`. */
  | { readonly kind: 'struct_ops'; readonly value: Uint8Array }

/** A program that is loaded, whoever did it; for struct_ops, a map. */
export interface LastingProgram {
  readonly name: string
  readonly fd: Fd
}

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
  const kind = lastingKind(hook)
  const label: LinkLabel = { kind: hook.kind, program: program?.name ?? '', target: kind.name(hook) }
  try {
    if (what === 'detach') kind.detach(context, hook, program, label)
    else if (program !== undefined) kind.attach(context, hook, program, label)
  } catch (error) {
    if (!isSyscallError(error)) throw error
    const held = what === 'detach' && error.errno === Errno.EBUSY ? heldByLink : undefined
    const { problem, hint } = explain(error, kind.refusals?.[error.errno] ?? held)
    const Refused = what === 'attach' ? AttachError : DetachError
    throw new Refused({ program: label.program, target: label.target, problem, hint, cause: error })
  }
}

const explanations: Readonly<Record<number, Explanation>> = {
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

const heldByLink: Explanation = { hint: 'a link holds it: detach that one instead; bpf link list shows it' }

function explain(error: SyscallError, here: Explanation | undefined): Explanation & { readonly problem: string } {
  const known = here ?? explanations[error.errno]
  const text = error instanceof NetlinkError ? error.text : undefined
  return { problem: text ?? known?.problem ?? error.errnoName, hint: known?.hint }
}
