import { AttachType, Errno, type Fd, linkCreate, type SyscallError } from '@bpf/sys'
import { anchorOf, type Place } from './anchor'
import type { AttachContext } from './context'
import { kernelLink } from './link/kernel-link'
import type { AttachableProgram, Link, LinkLabel } from './link/link'
import { type InterfaceTarget, inNetns, nameInterface, resolveInterface } from './network'
import { type HookState, queryHook } from './query/hook'
import { attachFirst, type Explanation } from './ways'

/** A netkit pair; `interface` is its primary device, for either side. */
export interface NetkitTarget extends InterfaceTarget {
  /** Which device's transmitted packets: what the program was loaded for, unless given. */
  readonly side?: 'primary' | 'peer'
  readonly place?: Place
  /** Refuse if the programs changed since this revision was read. */
  readonly expectedRevision?: bigint
}

const attachTypes = { primary: AttachType.NetkitPrimary, peer: AttachType.NetkitPeer } as const

/** Attaches to a netkit pair (6.7). @throws AttachError */
export function attachNetkit({ sys }: AttachContext, program: AttachableProgram, target: NetkitTarget): Link {
  const { place, expectedRevision } = target
  const side = target.side ?? (program.expectedAttachType === AttachType.NetkitPeer ? 'peer' : 'primary')
  const label: LinkLabel = { kind: 'netkit', program: program.name, target: `netkit ${side} of ${nameInterface(target)}` }
  const { flags, ...neighbour } = anchorOf(place)
  const relative = { ...neighbour, ...(expectedRevision === undefined ? {} : { expectedRevision }) }
  return inNetns(sys, target.netns, () => {
    const targetIfindex = resolveInterface(sys, target.interface, label)
    const head = { progFd: program.fd as Fd, targetIfindex, attachType: attachTypes[side], flags }
    const attach = () => kernelLink(sys, linkCreate(sys, head, { kind: 'netkit', ...relative }), label)
    return attachFirst(label, [{ interface: 'bpf link', attach }], { explain })
  })
}

/** What is attached to one side of a netkit pair, by anyone. @throws AttachError, SyscallError */
export function queryNetkit({ sys }: AttachContext, target: InterfaceTarget & { readonly side: 'primary' | 'peer' }): HookState {
  return inNetns(sys, target.netns, () => {
    const targetIfindex = resolveInterface(sys, target.interface, { kind: 'netkit', program: '', target: nameInterface(target) })
    return queryHook(sys, { targetIfindex, attachType: attachTypes[target.side], links: true })
  })
}

function explain({ errno }: SyscallError): Explanation | undefined {
  const known: Readonly<Record<number, Explanation>> = {
    [Errno.ENXIO]: { problem: 'it is not a netkit device' },
    [Errno.EINVAL]: { hint: 'this kernel may have no netkit (6.7, CONFIG_NETKIT)' },
    [Errno.EACCES]: { problem: 'it is the peer device', hint: 'programs of both sides are attached through the primary device' },
    [Errno.EEXIST]: { problem: 'it is attached there already' },
    [Errno.ESTALE]: { problem: 'the hook changed since its revision was read' },
    [Errno.ENOENT]: { problem: 'the program or link to be placed next to is not attached there' },
  }
  return known[errno]
}
