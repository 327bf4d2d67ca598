import type { Files } from '@bpf/kernel'
import { duplicateFd, Errno, isSyscallError, NetlinkProtocol, NetlinkSocket, type OwnedFd } from '@bpf/sys'
import type { AttachContext } from '../context'
import { AttachError } from '../errors'
import { isLeftOver, ownerTag } from '../leftover/owner-tag'
import { heldLink } from '../link/held-link'
import type { AttachableProgram, Link, LinkLabel } from '../link/link'
import type { FilterKind } from './filter-kind'
import { addFilter, type Direction, listFilters, removeFilter, replaceAction, type TcFilter } from './filters'
import { addClsact, isIngressOnly, removeClsact } from './qdisc'

export interface ClsactOptions {
  readonly ifindex: number
  readonly direction: Direction
  /** 1 to 65535, lower runs first; before all present ones unless given. */
  readonly priority?: number | undefined
  /** Tells filters of the same priority apart; the kernel chooses unless given. */
  readonly handle?: number | undefined
  /** Whether the program's return value is the verdict; true unless given. */
  readonly directAction?: boolean | undefined
  /** The class that packets go to, without direct action: `0x10001` is 1:1. */
  readonly classId?: number | undefined
  /** `bpf` unless given. */
  readonly kind?: FilterKind | undefined
}

/** In the names of our filters on a qdisc that was made for one of them: the last of them takes it away. */
const qdiscMark = 'clsact_'

/** Attaches by a filter of the clsact qdisc, which is made if it is not there. The filter says whose it is. @throws AttachError, NetlinkError */
export function clsactLink({ sys, kernel }: AttachContext, label: LinkLabel, program: AttachableProgram, options: ClsactOptions): Link {
  const { ifindex, direction, priority = 0, handle = 0, directAction = true, classId, kind = 'bpf' } = options
  // It stays in the namespace it was opened in, for detaching.
  const route = new NetlinkSocket(sys, NetlinkProtocol.Route)
  let current: OwnedFd | undefined
  const request = { kind, ifindex, direction, directAction, classId }
  try {
    sweepFilters(route, kernel.files, ifindex)
    const owner = ownerTag(kernel.files)
    current = duplicateFd(sys, program.fd, `program "${program.name}"`)
    const made = addClsact(route, ifindex)
    if (!made && direction === 'egress' && isIngressOnly(route, ifindex)) throw ingressInTheWay(label)
    const ours = made || allFilters(route, ifindex).some(({ name }) => name?.startsWith(qdiscMark))
    const name = `${ours ? qdiscMark : ''}${owner}_${program.name}`
    const filter = addOrUndo(route, ifindex, made, () =>
      addFilter(route, { ...request, progFd: current?.fd ?? -1, name, priority, handle }),
    )
    return heldLink({
      ...label,
      interface: 'netlink',
      update: next => {
        const taken = duplicateFd(sys, next.fd, `program "${next.name}"`)
        if (filter.action !== undefined) replaceAction(route, filter.action, { name, progFd: taken.fd })
        else addFilter(route, { ...request, ...filter, name, progFd: taken.fd, replace: true })
        current?.close()
        current = taken
      },
      detach: () => {
        takeAway(route, ifindex, { ...filter, name })
        current?.close()
        route.close()
      },
    })
  } catch (error) {
    current?.close()
    route.close()
    throw error
  }
}

/** It would run the program for what is received. */
function ingressInTheWay({ program, target }: LinkLabel): AttachError {
  const problem = 'the interface has an ingress qdisc, which takes no filters for what is sent, where clsact would go'
  return new AttachError({ program, target, problem, hint: 'take it away (tc qdisc delete dev … ingress): clsact does its work too' })
}

function addOrUndo<T>(route: NetlinkSocket, ifindex: number, made: boolean, add: () => T): T {
  try {
    return add()
  } catch (error) {
    if (made) removeClsact(route, ifindex)
    throw error
  }
}

/** Removes a filter of ours, and the qdisc if it is ours and empty. @throws NetlinkError */
export function takeAway(route: NetlinkSocket, ifindex: number, filter: TcFilter): void {
  try {
    removeFilter(route, ifindex, filter)
    if (filter.name?.startsWith(qdiscMark) && isEmpty(route, ifindex)) removeClsact(route, ifindex)
  } catch (error) {
    // Somebody was faster, or the interface is gone.
    if (!isSyscallError(error, Errno.ENOENT, Errno.EINVAL, Errno.ENODEV)) throw error
  }
}

function allFilters(route: NetlinkSocket, ifindex: number): readonly TcFilter[] {
  return (['ingress', 'egress'] as const).flatMap(direction => listFilters(route, ifindex, direction).filters)
}

function isEmpty(route: NetlinkSocket, ifindex: number): boolean {
  return (['ingress', 'egress'] as const).every(direction => {
    const { filters, foreign } = listFilters(route, ifindex, direction)
    return filters.length + foreign.length === 0
  })
}

/** Removes the filters that processes of ours left when they were killed; returns them. @throws NetlinkError */
export function sweepFilters(route: NetlinkSocket, files: Files, ifindex: number): readonly TcFilter[] {
  const left = leftFilters(route, files, ifindex)
  for (const filter of left) takeAway(route, ifindex, filter)
  return left
}

/** Our filters on an interface whose processes have ended. @throws NetlinkError */
export function leftFilters(route: NetlinkSocket, files: Files, ifindex: number): readonly TcFilter[] {
  return allFilters(route, ifindex).filter(({ name }) => name !== undefined && isLeftOver(files, name))
}
