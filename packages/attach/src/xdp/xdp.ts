import {
  AttachType,
  duplicateFd,
  Errno,
  type Fd,
  isSyscallError,
  linkCreate,
  NetlinkError,
  NetlinkProtocol,
  NetlinkSocket,
  type OwnedFd,
  ProgType,
  type Sys,
  type SyscallError,
} from '@bpf/sys'
import type { AttachContext } from '../context'
import { namespaceInode, ownNamespace } from '../leftover/network-namespaces'
import { startNote } from '../leftover/note'
import { clearPlace } from '../leftover/noted'
import type { Place } from '../leftover/place'
import { heldLink } from '../link/held-link'
import { kernelLink } from '../link/kernel-link'
import type { AttachableProgram, Link, LinkInterface, LinkLabel, Replacement } from '../link/link'
import { type InterfaceTarget, inNetns, nameInterface, resolveInterface } from '../network'
import { programId, programName } from '../query/hook'
import { attachFirst, type Explanation } from '../ways'
import { wrongType } from '../wrong-type'
import { getXdp, setXdp, unsetXdp, XdpFlag, type XdpMode, xdpModeFlags } from './xdp-netlink'

export interface XdpTarget extends InterfaceTarget {
  /** What the driver can do, unless given. */
  readonly mode?: XdpMode
  /**
   * A program to take the place of, which must be the one attached; or `any`, attached or not. Refused if there is one,
   * unless given. A link neither replaces nor is replaced.
   */
  readonly replace?: Pick<AttachableProgram, 'fd'> | 'any'
  readonly interfaces?: readonly LinkInterface[]
}

/** Attaches to what an interface receives. @throws AttachError */
export function attachXdp(context: AttachContext, program: AttachableProgram, target: XdpTarget): Link {
  const { sys } = context
  const { mode, replace } = target
  const flags = mode === undefined ? 0 : xdpModeFlags[mode]
  const label: LinkLabel = {
    kind: 'xdp',
    program: program.name,
    target: `XDP of ${nameInterface(target)}${mode === undefined ? '' : ` (${mode})`}`,
  }
  return inNetns(sys, target.netns, () => {
    const ifindex = resolveInterface(sys, target.interface, label)
    const head = { progFd: program.fd as Fd, targetIfindex: ifindex, attachType: AttachType.Xdp, flags }
    const place: Place = { kind: 'xdp', netns: namespaceInode(ownNamespace) ?? 0, ifindex }
    clearPlace(context, place)
    return attachFirst(
      label,
      [
        {
          interface: 'bpf link',
          unable: replace === undefined ? undefined : 'links replace nothing',
          attach: () => kernelLink(sys, linkCreate(sys, head), label),
        },
        { interface: 'netlink', attach: () => netlinkXdp(context, label, program, { ifindex, flags, replace, place }) },
      ],
      { interfaces: target.interfaces, explain: error => wrongType(error, program, ProgType.Xdp) ?? explain(sys, error, ifindex, mode) },
    )
  })
}

interface NetlinkXdp {
  readonly ifindex: number
  readonly flags: number
  readonly replace: XdpTarget['replace']
  readonly place: Place
}

/** The socket stays in the namespace it was opened in, for detaching. */
function netlinkXdp(context: AttachContext, label: LinkLabel, program: AttachableProgram, options: NetlinkXdp): Link {
  const { sys } = context
  const { ifindex, flags, replace, place } = options
  const note = startNote(context, label, place)
  const route = new NetlinkSocket(sys, NetlinkProtocol.Route)
  let current: OwnedFd | undefined
  const set = (next: Replacement, setFlags: number, expectedFd: number | undefined) => {
    const taken = duplicateFd(sys, next.fd, `program "${next.name}"`)
    try {
      note.write([current?.fd, taken.fd])
      setXdp(route, { ifindex, progFd: taken.fd, flags: flags | setFlags, expectedFd })
    } catch (error) {
      taken.close()
      throw error
    }
    current?.close()
    current = taken
  }
  try {
    if (replace === undefined) set(program, XdpFlag.UpdateIfNoexist, undefined)
    else if (replace === 'any') set(program, 0, undefined)
    else set(program, XdpFlag.Replace, replace.fd)
  } catch (error) {
    note.remove()
    route.close()
    throw error
  }
  return heldLink({
    ...label,
    interface: 'netlink',
    update: (next, expected) => set(next, XdpFlag.Replace, expected?.fd ?? current?.fd),
    detach: () => {
      if (current) unsetXdp(route, { ifindex, flags, progFd: current.fd, progId: programId(sys, current.fd) })
      note.remove()
      current?.close()
      route.close()
    },
  })
}

/** A program on an interface, whoever attached it. */
export interface AttachedXdp {
  readonly mode: XdpMode
  readonly programId: number
  readonly programName: string | undefined
}

/** What is attached to an interface. @throws AttachError, SyscallError */
export function queryXdp({ sys }: AttachContext, target: InterfaceTarget): readonly AttachedXdp[] {
  return inNetns(sys, target.netns, () => {
    const ifindex = resolveInterface(sys, target.interface, { kind: 'xdp', program: '', target: nameInterface(target) })
    return attachedXdp(sys, ifindex)
  })
}

function attachedXdp(sys: Sys, ifindex: number): readonly AttachedXdp[] {
  using route = new NetlinkSocket(sys, NetlinkProtocol.Route)
  return [...getXdp(route, ifindex)].map(([mode, id]) => ({ mode, programId: id, programName: programName(sys, id) }))
}

function explain(sys: Sys, error: SyscallError, ifindex: number, mode: XdpMode | undefined): Explanation | undefined {
  const text = error instanceof NetlinkError ? error.text : undefined
  const others = isSyscallError(error, Errno.EBUSY, Errno.EEXIST) ? attachedXdp(sys, ifindex) : []
  if (others.length > 0) {
    const names = others.map(({ programName: name, programId: id, mode }) => `"${name ?? ''}" (id ${id}, ${mode})`)
    return {
      problem: `${text ?? 'another program is attached'}: ${names.join(', ')}`,
      hint: 'name the program to replace, or detach it first',
    }
  }
  if (mode === 'offload') return { problem: text, hint: 'a device that runs BPF is needed, and a program that was loaded for it' }
  const known: Readonly<Record<number, Explanation>> = {
    [Errno.EOPNOTSUPP]: { problem: text ?? 'the driver cannot do that', hint: 'generic mode works with every driver' },
    [Errno.ERANGE]: { problem: text ?? 'the MTU is too large for native mode', hint: 'lower the MTU, use xdp.frags, or generic mode' },
    [Errno.ENODEV]: { problem: 'there is no such network interface' },
  }
  return known[error.errno] ?? (text === undefined ? undefined : { problem: text })
}
