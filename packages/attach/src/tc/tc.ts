import {
  AttachType,
  Errno,
  type Fd,
  isSyscallError,
  linkCreate,
  NetlinkError,
  NetlinkProtocol,
  NetlinkSocket,
  ProgType,
  type Sys,
  type SyscallError,
} from '@bpf/sys'
import { anchorOf, type Place } from '../anchor'
import type { AttachContext } from '../context'
import { AttachError } from '../errors'
import { kernelLink } from '../link/kernel-link'
import type { AttachableProgram, Link, LinkInterface, LinkLabel } from '../link/link'
import { type InterfaceTarget, inNetns, nameInterface, resolveInterface } from '../network'
import { type HookState, programName, queryHook } from '../query/hook'
import { attachFirst, type Explanation } from '../ways'
import { wrongType } from '../wrong-type'
import { clsactLink } from './clsact'
import type { ActionFacts } from './filter-kind'
import { type Direction, type FilterList, type ForeignFilter, listFilters, type ProgramFilter, type TcFilter } from './filters'

export interface TcTarget extends InterfaceTarget {
  /** What the program was loaded for, unless given. */
  readonly direction?: Direction
  /** Among the tcx programs there (6.6). */
  readonly place?: Place
  /** Refuse if the tcx programs changed since this revision was read (6.6). */
  readonly expectedRevision?: bigint
  /** Of a filter: 1 to 65535, lower runs first. Asking for one means a filter, not tcx, which has an order instead. */
  readonly priority?: number
  /** Of a filter: tells those of the same priority apart. */
  readonly handle?: number
  /** Of a filter: whether the program's return value is the verdict; true unless given. */
  readonly directAction?: boolean
  /** Of a filter without direct action: the class that packets go to. */
  readonly classId?: number
  readonly interfaces?: readonly LinkInterface[]
}

const attachTypes = { ingress: AttachType.TcxIngress, egress: AttachType.TcxEgress } as const

/** Attaches to what an interface receives or sends: tcx (6.6), or a filter of the clsact qdisc. tcx runs first. @throws AttachError */
export function attachTc(context: AttachContext, program: AttachableProgram, target: TcTarget): Link {
  const { sys } = context
  const { place, expectedRevision, interfaces } = target
  const direction = target.direction ?? directionOf(program)
  const name = nameInterface(target)
  if (direction === undefined) {
    const problem = 'neither the target nor the program says in which direction'
    throw new AttachError({ program: program.name, target: `tc of ${name}`, problem, hint: 'say ingress or egress' })
  }
  const label: LinkLabel = { kind: 'tc', program: program.name, target: `tc ${direction} of ${name}` }
  const { flags, ...neighbour } = anchorOf(place)
  const relative = { ...neighbour, ...(expectedRevision === undefined ? {} : { expectedRevision }) }
  return inNetns(sys, target.netns, () => {
    const ifindex = resolveInterface(sys, target.interface, label)
    const head = { progFd: program.fd as Fd, targetIfindex: ifindex, attachType: attachTypes[direction], flags }
    const ways = [
      {
        interface: 'bpf link',
        unable: isFilter(target) ? 'tcx has neither priorities nor classes' : undefined,
        attach: () => kernelLink(sys, linkCreate(sys, head, { kind: 'tcx', ...relative }), label),
      },
      {
        interface: 'netlink',
        unable: place === undefined && expectedRevision === undefined ? undefined : 'filters are ordered by priority only',
        attach: () => clsactLink(context, label, program, { ...target, ifindex, direction }),
      },
    ] as const
    return attachFirst(label, ways, { interfaces, explain: error => wrongType(error, program, ProgType.SchedCls) ?? explainTc(error) })
  })
}

function directionOf({ expectedAttachType }: AttachableProgram): Direction | undefined {
  if (expectedAttachType === AttachType.TcxIngress) return 'ingress'
  return expectedAttachType === AttachType.TcxEgress ? 'egress' : undefined
}

function isFilter({ priority, handle, directAction, classId }: TcTarget): boolean {
  return priority !== undefined || handle !== undefined || directAction === false || classId !== undefined
}

/** What a filter or an action says, and the kernel's name of its program. */
type Named<F> = F & { readonly programName: string | undefined }
/** Also of the programs in its actions. */
type WithActions<F> = Omit<F, 'actions'> & { readonly actions: readonly Named<ActionFacts>[] }

/** The filters in one place. */
export interface NamedFilters<F extends ProgramFilter = ProgramFilter> {
  /** Those that call programs, in the order they run. */
  readonly filters: readonly Named<WithActions<F>>[]
  /** Filters of other kinds, between those by priority. */
  readonly foreign: readonly WithActions<ForeignFilter>[]
}

/** What runs on one side of an interface: tcx first. */
export interface TcState extends NamedFilters<TcFilter> {
  readonly tcx: HookState
}

/** What is attached to one side of an interface, by anyone. @throws AttachError, SyscallError */
export function queryTc({ sys }: AttachContext, target: InterfaceTarget & { readonly direction: Direction }): TcState {
  const { direction } = target
  return inNetns(sys, target.netns, () => {
    const ifindex = resolveInterface(sys, target.interface, { kind: 'tc', program: '', target: nameInterface(target) })
    using route = new NetlinkSocket(sys, NetlinkProtocol.Route)
    return tcState(sys, route, ifindex, direction)
  })
}

/** `queryTc` in this thread's network namespace. @throws SyscallError */
export function tcState(sys: Sys, route: NetlinkSocket, ifindex: number, direction: Direction): TcState {
  return { tcx: queryTcx(sys, ifindex, direction), ...nameFilters(sys, listFilters(route, ifindex, direction)) }
}

export function nameFilters<F extends ProgramFilter>(sys: Sys, { filters, foreign }: FilterList<F>): NamedFilters<F> {
  const named = <T extends { readonly programId: number | undefined }>(one: T) => {
    const { programId: id } = one
    return { ...one, programName: id === undefined ? undefined : programName(sys, id) }
  }
  return {
    filters: filters.map(filter => named({ ...filter, actions: filter.actions.map(named) })),
    foreign: foreign.map(filter => ({ ...filter, actions: filter.actions.map(named) })),
  }
}

/** Before 6.6 there is nothing to ask. */
function queryTcx(sys: Sys, targetIfindex: number, direction: Direction): HookState {
  try {
    return queryHook(sys, { targetIfindex, attachType: attachTypes[direction], links: true })
  } catch (error) {
    if (!isSyscallError(error, Errno.EINVAL)) throw error
    return { programs: [], flags: 0, revision: undefined }
  }
}

/** What a refusal of a filter or of tcx means. */
export function explainTc(error: SyscallError): Explanation | undefined {
  const text = error instanceof NetlinkError ? error.text : undefined
  const known: Readonly<Record<number, Explanation>> = {
    [Errno.EEXIST]: { problem: text ?? 'it is attached there already' },
    [Errno.ENODEV]: { problem: 'there is no such network interface' },
    [Errno.ESTALE]: { problem: 'the hook changed since its revision was read' },
    [Errno.ENOENT]: { problem: text ?? 'the program or link to be placed next to is not attached there' },
    [Errno.ERANGE]: { problem: 'too many programs are attached there' },
  }
  return known[error.errno] ?? (text === undefined ? undefined : { problem: text })
}
