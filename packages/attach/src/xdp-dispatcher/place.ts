import type { Sys } from '@bpf/sys'
import { namespaceInode, ownNamespace } from '../leftover/network-namespaces'
import type { Place } from '../leftover/place'
import type { LinkLabel } from '../link/link'
import { type InterfaceTarget, nameInterface, resolveInterface } from '../network'

export function dispatcherLabel(program: string, target: InterfaceTarget): LinkLabel {
  return { kind: 'xdp', program, target: `XDP dispatcher of ${nameInterface(target)}` }
}

/** An interface of this thread's network namespace. @throws AttachError */
export function dispatcherPlace(sys: Sys, target: InterfaceTarget, label: LinkLabel): Place & { readonly kind: 'dispatcher' } {
  return { kind: 'dispatcher', netns: namespaceInode(ownNamespace) ?? 0, ifindex: resolveInterface(sys, target.interface, label) }
}
