import { decodeCString } from '@bpf/bytes'
import { attributeMap, attributeNumber, decodeFields, encodeFields, layout, type NetlinkAttribute } from '@bpf/sys'

/** What a filter calls, as it is made. */
export interface FilterOptions {
  readonly progFd: number
  readonly name: string
  readonly directAction: boolean
  readonly classId?: number | undefined
}

/** What the kernel says of it. */
export interface FilterFacts {
  readonly name: string | undefined
  readonly programId: number | undefined
  /** The program's return value is the verdict. */
  readonly directAction: boolean
  /** Number of the action that the program is in; undefined where the filter calls the program itself. */
  readonly action: number | undefined
  /** The programs in actions of it, besides. */
  readonly actions: readonly ActionFacts[]
}

/** A program in an action of a filter. */
export interface ActionFacts {
  readonly name: string | undefined
  readonly programId: number | undefined
  /** Number of the action. */
  readonly index: number
}

interface Kind {
  encode(options: FilterOptions): readonly NetlinkAttribute[]
  /** Undefined if it calls no program. */
  decode(options: Uint8Array): FilterFacts | undefined
}

/** `TCA_BPF_*` (include/uapi/linux/pkt_cls.h). */
const bpfOption = { actions: 1, classid: 3, fd: 6, name: 7, flags: 8, id: 11 } as const
const directActionFlag = 1

/** A filter that is a program. */
const bpf: Kind = {
  encode: ({ progFd, name, directAction, classId }) => [
    [bpfOption.fd, progFd],
    [bpfOption.name, name],
    [bpfOption.flags, directAction ? directActionFlag : 0],
    ...(classId === undefined ? [] : [[bpfOption.classid, classId] as const]),
  ],
  decode(bytes) {
    const options = attributeMap(bytes)
    return {
      name: textOf(options.get(bpfOption.name)),
      programId: attributeNumber(options.get(bpfOption.id)),
      directAction: ((attributeNumber(options.get(bpfOption.flags)) ?? 0) & directActionFlag) !== 0,
      action: undefined,
      actions: programsInActions(options.get(bpfOption.actions)),
    }
  },
}

/** `TCA_MATCHALL_ACT`; actions are listed from 1. */
const matchallActions = 2
const firstAction = 1

/** A filter that lets everything to an action that is a program. */
const matchall: Kind = {
  encode: options => [[matchallActions, [[firstAction, encodeAction(options)]]]],
  decode(bytes) {
    const [first, ...actions] = programsInActions(attributeMap(bytes).get(matchallActions))
    if (first === undefined) return undefined
    return { name: first.name, programId: first.programId, directAction: true, action: first.index, actions }
  },
}

/** Where filters of other kinds have their actions: `TCA_BASIC_ACT` and its like. */
const foreignActions: Readonly<Record<string, number>> = { basic: 3, cgroup: 1, flow: 9, flower: 3, fw: 4, route: 6, u32: 7 }

/** The programs in the actions of a filter of another kind. */
export function programsInForeignActions(kind: string, options: Uint8Array): readonly ActionFacts[] {
  const actions = foreignActions[kind]
  return actions === undefined ? [] : programsInActions(attributeMap(options).get(actions))
}

export const filterKinds = { bpf, matchall } as const satisfies Readonly<Record<string, Kind>>
export type FilterKind = keyof typeof filterKinds

export function isFilterKind(name: string): name is FilterKind {
  return Object.hasOwn(filterKinds, name)
}

/** `TCA_ACT_*` (include/uapi/linux/pkt_cls.h) and `TCA_ACT_BPF_*` (include/uapi/linux/tc_act/tc_bpf.h). */
const action = { kind: 1, options: 2 } as const
const actionOption = { parameters: 2, fd: 5, name: 6, id: 9 } as const
/** `struct tc_act_bpf`. */
const parameters = layout({ index: 'u32', capabilities: 'u32', action: 's32', references: 's32', bindings: 's32' })
/** What comes of it when the program says so too: the next filter. */
const TC_ACT_UNSPEC = -1

/** An action with a program; `index` is of a present one to change, 0 of a new one. */
export function encodeAction({ progFd, name }: Pick<FilterOptions, 'progFd' | 'name'>, index = 0): readonly NetlinkAttribute[] {
  const head = new Uint8Array(parameters.size)
  encodeFields(parameters, head, { index, action: TC_ACT_UNSPEC }, () => 0n, [])
  return [
    [action.kind, 'bpf'],
    [
      action.options,
      [
        [actionOption.parameters, head],
        [actionOption.fd, progFd],
        [actionOption.name, name],
      ],
    ],
  ]
}

/** Other actions, such as mirroring a packet, are left out. */
function programsInActions(list: Uint8Array | undefined): readonly ActionFacts[] {
  return list === undefined ? [] : [...attributeMap(list).values()].flatMap(decodeAction)
}

function decodeAction(bytes: Uint8Array): readonly ActionFacts[] {
  const attributes = attributeMap(bytes)
  const nested = attributes.get(action.options)
  if (nested === undefined || textOf(attributes.get(action.kind)) !== 'bpf') return []
  const options = attributeMap(nested)
  const head = options.get(actionOption.parameters)
  const [name, programId] = [textOf(options.get(actionOption.name)), attributeNumber(options.get(actionOption.id))]
  return head === undefined ? [] : [{ name, programId, index: decodeFields(parameters, head).index }]
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && decodeCString(bytes)
}
