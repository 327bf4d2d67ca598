import { referencesOf } from '../references'
import type { BtfType } from '../types'
import { labelOf } from './label'
import { partition } from './partition'

/** Types, grouped. Everything is by index, which is the id. */
export interface Grouping {
  /** Group of each type; equal types have the same. */
  readonly groups: Int32Array
  /** For a completed forward declaration, the type that it is; for all others, themselves. */
  readonly stands: Int32Array
}

/** Tries at most so many definitions for forward declarations of names that have several. */
const maxTrials = 64

/**
 * Groups equal types, and completes forward declarations from `startId` on while that makes sense: with the one definition of that
 * name; or with that of several which makes structs or typedefs equal that use it.
 */
export function groupCompleting(types: readonly BtfType[], startId: number): Grouping {
  const nodes = new Nodes(types, startId)
  let grouping = nodes.group(nodes.enumsCompleted())
  let trials = 0
  while (true) {
    const unique = nodes.withUniqueDefinitions(grouping)
    if (unique !== undefined) {
      grouping = nodes.group(unique)
      continue
    }
    const current = grouping
    const better = nodes.withOneOfSeveral(current).find(stands => {
      if (trials++ >= maxTrials) return false
      const trial = nodes.group(stands)
      if (nodes.countDefinitions(trial) >= nodes.countDefinitions(current)) return false
      grouping = trial
      return true
    })
    if (better === undefined) return grouping
  }
}

class Nodes {
  readonly #types: readonly BtfType[]
  readonly #labels: readonly string[]
  readonly #edges: readonly (readonly number[])[]
  /** Forward declarations that may be completed, by tag: `struct task`. */
  readonly #forwards = new Map<string, number[]>()
  /** Structs and unions by tag. */
  readonly #definitions = new Map<string, number[]>()

  constructor(types: readonly BtfType[], startId: number) {
    this.#types = types
    this.#labels = types.map(labelOf)
    this.#edges = types.map(referencesOf)
    for (const [id, type] of types.entries()) {
      if (type.name === '') continue
      if (type.kind === 'struct' || type.kind === 'union') append(this.#definitions, `${type.kind} ${type.name}`, id)
      if (type.kind === 'fwd' && id >= startId) append(this.#forwards, `${type.of} ${type.name}`, id)
    }
    this.startId = startId
  }

  readonly startId: number

  group(stands: Int32Array): Grouping {
    const labels = Array.from(stands, id => this.#labels[id] ?? '')
    const edges = Array.from(stands, id => this.#edges[id] ?? [])
    return { groups: partition(labels, edges), stands }
  }

  /** Each enum without values stands for the first enum of its name that has some. */
  enumsCompleted(): Int32Array {
    const stands = Int32Array.from(this.#types.keys())
    const full = new Map<string, number>()
    const isEnum = (type: BtfType) => (type.kind === 'enum' || type.kind === 'enum64') && type.name !== ''
    for (const [id, type] of this.#types.entries()) {
      if (isEnum(type) && 'values' in type && type.values.length > 0 && !full.has(type.name)) full.set(type.name, id)
    }
    for (const [id, type] of this.#types.entries()) {
      if (id >= this.startId && isEnum(type) && 'values' in type && type.values.length === 0) stands[id] = full.get(type.name) ?? id
    }
    return stands
  }

  /** With forward declarations completed that have exactly one definition; undefined if there are none. */
  withUniqueDefinitions(grouping: Grouping): Int32Array | undefined {
    const open = this.#open(grouping).flatMap(({ forwards, definitions: [first, ...others] }) =>
      first !== undefined && others.length === 0 ? [{ forwards, definition: first }] : [],
    )
    if (open.length === 0) return undefined
    const stands = grouping.stands.slice()
    for (const { forwards, definition } of open) for (const id of forwards) stands[id] = definition
    return stands
  }

  /** With the forward declarations of one name completed, for each name and each of its definitions. */
  withOneOfSeveral(grouping: Grouping): Int32Array[] {
    return this.#open(grouping).flatMap(({ forwards, definitions }) =>
      definitions.map(definition => grouping.stands.map((stand, id) => (forwards.includes(id) ? definition : stand))),
    )
  }

  /** How many different structs, unions and typedefs there are. */
  countDefinitions({ groups }: Grouping): number {
    const counted = new Set<number>()
    for (const [id, type] of this.#types.entries()) {
      if (type.kind === 'struct' || type.kind === 'union' || type.kind === 'typedef') counted.add(groups[id] ?? -1)
    }
    return counted.size
  }

  /** Forward declarations not completed yet, with the first of each group of their definitions. */
  #open({ groups, stands }: Grouping): { forwards: readonly number[]; definitions: readonly number[] }[] {
    return [...this.#forwards].flatMap(([tag, forwards]) => {
      const [first = -1] = forwards
      if (stands[first] !== first) return []
      const firstOf = new Map<number, number>()
      for (const id of this.#definitions.get(tag) ?? []) if (!firstOf.has(groups[id] ?? -1)) firstOf.set(groups[id] ?? -1, id)
      return [{ forwards, definitions: [...firstOf.values()] }]
    })
  }
}

function append(map: Map<string, number[]>, key: string, value: number): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
