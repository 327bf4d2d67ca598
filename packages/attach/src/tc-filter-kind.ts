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
}

interface Kind {
  encode(options: FilterOptions): readonly NetlinkAttribute[]
  /** Undefined if it calls no program. */
  decode(options: Uint8Array): FilterFacts | undefined
}

/** `TCA_BPF_*` (include/uapi/linux/pkt_cls.h). */
const bpfOption = { classid: 3, fd: 6, name: 7, flags: 8, id: 11 } as const
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
    }
  },
}

/** `TCA_MATCHALL_ACT`; actions are numbered from 1. */
const matchallActions = 2
const firstAction = 1

/** A filter that lets everything to an action that is a program. */
const matchall: Kind = {
  encode: options => [[matchallActions, [[firstAction, encodeAction(options)]]]],
  decode(bytes) {
    const actions = attributeMap(bytes).get(matchallActions)
    const first = actions && attributeMap(actions).get(firstAction)
    return first && decodeAction(first)
  },
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

function decodeAction(bytes: Uint8Array): FilterFacts | undefined {
  const attributes = attributeMap(bytes)
  const nested = attributes.get(action.options)
  if (nested === undefined || textOf(attributes.get(action.kind)) !== 'bpf') return undefined
  const options = attributeMap(nested)
  const head = options.get(actionOption.parameters)
  return {
    name: textOf(options.get(actionOption.name)),
    programId: attributeNumber(options.get(actionOption.id)),
    directAction: true,
    action: head && decodeFields(parameters, head).index,
  }
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && decodeCString(bytes)
}
