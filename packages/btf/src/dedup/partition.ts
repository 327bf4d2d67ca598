import { groupBy } from '@bpf/bytes'
import { BtfError } from '../errors'

/** Looking at an edge of the graph this many times per edge means that the input was made to be slow. */
const effort = 200

/**
 * Groups the nodes of a graph so that nodes in a group have the same label, and at each place an edge to the same group: no path,
 * however long, tells them apart. Cycles are no obstacle. Groups begin as large as labels allow and are split until nothing splits.
 *
 * @param edges per node, where its edges lead to, in order; nodes of the same label have equally many
 * @returns per node, the number of its group
 * @throws BtfError for graphs that would take very long
 */
export function partition(labels: readonly string[], edges: readonly (readonly number[])[]): Int32Array {
  const groups = new Groups(labels)
  const users = usersOf(edges)
  const edgeCount = edges.reduce((sum, list) => sum + list.length, 0)
  let work = 0
  const signature = (node: number): string => {
    const list = edges[node] ?? []
    work += list.length
    return list.map(target => groups.of(target)).join()
  }

  let dirty = groups.divided()
  while (dirty.size > 0) {
    // All is decided before anything moves: signatures must be of one and the same state.
    const leaving = [...groups.collect(dirty)].flatMap(([group, nodes]) => groups.split(group, nodes, signature))
    const next = new Set<number>()
    for (const nodes of leaving) {
      groups.separate(nodes)
      for (const node of nodes) for (const user of users(node)) next.add(user)
    }
    if (work > edgeCount * effort + 1_000_000) throw new BtfError('types refer to each other in too many ways to be compared')
    dirty = next
  }
  return groups.numbers
}

class Groups {
  /** Per node, the number of its group. */
  readonly numbers: Int32Array
  readonly #members: Set<number>[] = []

  constructor(labels: readonly string[]) {
    this.numbers = new Int32Array(labels.length)
    const byLabel = new Map<string, number>()
    for (const [node, label] of labels.entries()) {
      let group = byLabel.get(label)
      if (group === undefined) {
        group = this.#members.push(new Set()) - 1
        byLabel.set(label, group)
      }
      this.#put(node, group)
    }
  }

  of(node: number): number {
    return this.numbers[node] ?? -1
  }

  /** All nodes that are not alone in their group. */
  divided(): Set<number> {
    return new Set(this.#members.filter(members => members.size > 1).flatMap(members => [...members]))
  }

  /** Nodes by group, without those that are alone in theirs. */
  collect(nodes: Iterable<number>): Map<number, Set<number>> {
    const byGroup = new Map<number, Set<number>>()
    for (const node of nodes) {
      const group = this.of(node)
      if ((this.#members[group]?.size ?? 0) < 2) continue
      const list = byGroup.get(group)
      if (list === undefined) byGroup.set(group, new Set([node]))
      else list.add(node)
    }
    return byGroup
  }

  /**
   * The parts of a group that have to leave it, by signature. The largest part may stay, so that a node is moved, and its users
   * looked at again, only so many times as halving allows.
   *
   * @param suspects members whose signature may have changed; the others are known to be alike
   */
  split(group: number, suspects: ReadonlySet<number>, signature: (node: number) => string): number[][] {
    const members = this.#members[group] ?? new Set()
    const parts = groupBy(suspects, signature)
    const calm = members.size - suspects.size
    const calmKey = calm === 0 ? undefined : signature(firstOutside(members, suspects))
    if (calmKey !== undefined && !parts.has(calmKey)) parts.set(calmKey, [])
    const sized = [...parts].map(([key, nodes]) => ({ key, nodes, size: nodes.length + (key === calmKey ? calm : 0) }))
    const [, ...leaving] = sized.sort((a, b) => b.size - a.size)
    return leaving.map(({ key, nodes }) => (key === calmKey ? [...nodes, ...[...members].filter(node => !suspects.has(node))] : nodes))
  }

  /** Makes nodes of one group a group of their own. */
  separate(nodes: readonly number[]): void {
    const fresh = this.#members.push(new Set()) - 1
    for (const node of nodes) {
      this.#members[this.of(node)]?.delete(node)
      this.#put(node, fresh)
    }
  }

  #put(node: number, group: number): void {
    this.numbers[node] = group
    this.#members[group]?.add(node)
  }
}

function firstOutside(members: ReadonlySet<number>, suspects: ReadonlySet<number>): number {
  for (const node of members) if (!suspects.has(node)) return node
  return -1
}

/** Per node, the nodes that have an edge to it. */
function usersOf(edges: readonly (readonly number[])[]): (node: number) => readonly number[] {
  const users: number[][] = edges.map(() => [])
  for (const [node, list] of edges.entries()) for (const target of list) users[target]?.push(node)
  return node => users[node] ?? []
}
