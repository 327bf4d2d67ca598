import type { Btf, Member } from '@bpf/btf'

/** `enum xdp_action` (include/uapi/linux/bpf.h). */
export const xdpActions = { XDP_ABORTED: 0, XDP_DROP: 1, XDP_PASS: 2, XDP_TX: 3, XDP_REDIRECT: 4 } as const
export type XdpAction = keyof typeof xdpActions

/** When a program runs among others, and after which of its results they do. */
export interface RunConfig {
  /** Lower runs first; 50 unless said. */
  readonly priority: number
  /** XDP_PASS unless said. */
  readonly chainCallActions: readonly XdpAction[]
}

export const usualRunConfig: RunConfig = { priority: 50, chainCallActions: ['XDP_PASS'] }
const section = '.xdp_run_config'

/**
 * What an object says of a program: a variable `_PROGRAM` in section `.xdp_run_config`, whose type has a member `priority` and
 * one for each action, numbers as sizes of arrays as in map definitions (libxdp's protocol.org).
 */
export function readRunConfig(btf: Btf | undefined, program: string): RunConfig {
  const numbers = btf === undefined ? new Map<string, number>() : declaredNumbers(btf, `_${program}`)
  const actions = actionNames().filter(name => (numbers.get(name) ?? 0) !== 0)
  const saysActions = actionNames().some(name => numbers.has(name))
  return {
    priority: numbers.get('priority') ?? usualRunConfig.priority,
    chainCallActions: saysActions ? actions : usualRunConfig.chainCallActions,
  }
}

/** A bit each, as dispatchers take them. */
export function actionBits(actions: readonly XdpAction[]): number {
  return actions.reduce((bits, name) => bits | (1 << xdpActions[name]), 0)
}

/** The actions whose bits are set; bits that mean none are left out. */
export function actionsOf(bits: number): readonly XdpAction[] {
  return actionNames().filter(name => (bits & (1 << xdpActions[name])) !== 0)
}

function actionNames(): readonly XdpAction[] {
  return Object.keys(xdpActions) as XdpAction[]
}

function declaredNumbers(btf: Btf, variable: string): ReadonlyMap<string, number> {
  const inSection = btf.find(section, 'datasec')?.variables ?? []
  for (const { type } of inSection) {
    const declared = btf.type(type)
    if (declared.kind !== 'var' || declared.name !== variable) continue
    const struct = btf.type(declared.type)
    return new Map(struct.kind === 'struct' ? struct.members.flatMap(member => numberOf(btf, member)) : [])
  }
  return new Map()
}

/** `int (*priority)[10]` is 10. */
function numberOf(btf: Btf, { name, type }: Member): readonly (readonly [string, number])[] {
  const pointer = btf.type(type)
  const array = pointer.kind === 'ptr' ? btf.type(pointer.type) : pointer
  return array.kind === 'array' ? [[name, array.length]] : []
}
