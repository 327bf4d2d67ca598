import type { Cfg, Edge } from './cfg'
import { DepthFirstOrder } from './cfg-order'
import { DisjointSets } from './disjoint-sets'

/** Blocks that jumps backwards can repeat. */
export interface Loop {
  readonly index: number
  /** The block that the loop is entered through; index into `Cfg.blocks`. */
  readonly header: number
  /** Edges back to the header. */
  readonly backEdges: readonly Edge[]
  /** The loop around this one, if any; index into `FlowAnalysis.loops`. */
  readonly parent: number | undefined
  /** 1 for loops that are in no other. */
  readonly depth: number
  /** Blocks of this loop, its header first, without those of the loops inside it. */
  readonly blocks: readonly number[]
  /** False when the loop can also be entered past its header. */
  readonly reducible: boolean
}

export interface FlowAnalysis {
  /** By block: whether the entry of its function leads there. */
  readonly reachable: readonly boolean[]
  /** By block: the innermost loop around it. */
  readonly loopOf: readonly (number | undefined)[]
  /** Inner loops before the loops around them. */
  readonly loops: readonly Loop[]
}

/**
 * What can be reached, and the loops with their nesting. Functions are taken one by one; calls are not followed.
 *
 * The nesting is Havlak's, which also knows loops with several entries, found in almost linear time as Ramalingam describes:
 * headers are taken from the last to the first in depth-first order, and an edge counts only from the moment that the
 * header is above both its ends.
 */
export function analyzeFlow(cfg: Cfg): FlowAnalysis {
  const order = new DepthFirstOrder(cfg.blocks.length)
  const nest = new LoopNest(cfg, order)
  for (const { entry } of cfg.functions) {
    for (const block of order.visit(cfg, entry).reverse()) nest.take(block)
  }
  return { reachable: Array.from(order.number, number => number >= 0), loopOf: nest.loopOf, loops: nest.loops() }
}

interface LoopDraft extends Omit<Loop, 'depth' | 'blocks'> {
  parent: number | undefined
  reducible: boolean
}

/** The loops found so far; each is merged into its header, so that the loops around it see a single block. */
class LoopNest {
  readonly loopOf: (number | undefined)[]
  readonly #cfg: Cfg
  readonly #order: DepthFirstOrder
  readonly #drafts: LoopDraft[] = []
  /** By header: its loop. */
  readonly #loopAt = new Map<number, LoopDraft>()
  /** Blocks, each merged into the header of the outermost loop found around it. */
  readonly #merged: DisjointSets
  /** Blocks that are done, each merged into the nearest block above it in the depth-first tree that is not. */
  readonly #done: DisjointSets
  /** By block: forward edges that count once the block is taken, the lowest that is above both their ends. */
  readonly #waiting: Edge[][]
  /** By block that nothing is merged into, or by header: where control comes from, back edges left out. */
  readonly #origins: number[][]
  /** Loops known to be irreducible, each merged into the loop around it. */
  readonly #irreducible: DisjointSets

  constructor(cfg: Cfg, order: DepthFirstOrder) {
    const { length } = cfg.blocks
    this.#cfg = cfg
    this.#order = order
    this.loopOf = cfg.blocks.map(() => undefined)
    this.#merged = new DisjointSets(length)
    this.#done = new DisjointSets(length)
    this.#irreducible = new DisjointSets(length)
    this.#waiting = cfg.blocks.map(() => [])
    this.#origins = cfg.blocks.map(() => [])
  }

  /** Takes the next block, after all that come later in depth-first order. */
  take(block: number): void {
    for (const edge of this.#waiting[block] ?? []) this.#count(edge)
    const incoming = (this.#cfg.blocks[block]?.predecessors ?? []).filter(({ from }) => this.#order.reaches(from))
    const backEdges = incoming.filter(({ from }) => this.#order.isAbove(block, from))
    for (const edge of incoming) {
      if (this.#order.isAbove(block, edge.from)) continue
      // What is above both ends: the start itself, or the nearest block above it that comes before the end.
      const above = this.#order.isAbove(edge.from, block) ? edge.from : this.#done.find(edge.from)
      this.#waiting[above]?.push(edge)
    }
    if (backEdges.length > 0) this.#addLoop(block, backEdges)
    this.#done.merge(block, this.#order.parent(block))
  }

  /** Lets an edge count. Where it leads into loops without passing their headers, these are irreducible. */
  #count({ from, to }: Edge): void {
    this.#origins[this.#merged.find(to)]?.push(from)
    const own = this.#loopAt.get(to)
    let inner = own === undefined ? this.loopOf[to] : own.parent
    while (inner !== undefined) {
      const draft = this.#drafts[this.#irreducible.find(inner)]
      if (draft === undefined) return
      draft.reducible = false
      inner = draft.parent
      if (inner !== undefined) this.#irreducible.merge(draft.index, inner)
    }
  }

  #addLoop(header: number, backEdges: readonly Edge[]): void {
    const index = this.#drafts.length
    const body = new Set(backEdges.map(({ from }) => this.#merged.find(from)))
    body.delete(header)
    // A set may grow while it is walked; what is added is visited too.
    for (const block of body) {
      for (const from of this.#origins[block] ?? []) {
        const origin = this.#merged.find(from)
        if (origin !== header) body.add(origin)
      }
    }
    for (const block of body) {
      const inner = this.#loopAt.get(block)
      if (inner === undefined) this.loopOf[block] = index
      else inner.parent = index
      this.#merged.merge(block, header)
    }
    this.loopOf[header] = index
    const draft = { index, header, backEdges, parent: undefined, reducible: true }
    this.#drafts.push(draft)
    this.#loopAt.set(header, draft)
  }

  loops(): Loop[] {
    const blocks: number[][] = this.#drafts.map(({ header }) => [header])
    for (const [block, loop] of this.loopOf.entries()) {
      if (loop !== undefined && this.#drafts[loop]?.header !== block) blocks[loop]?.push(block)
    }
    const depths = this.#drafts.map(() => 1)
    // Outer loops come last.
    for (const { index, parent } of this.#drafts.toReversed()) if (parent !== undefined) depths[index] = (depths[parent] ?? 0) + 1
    return this.#drafts.map((draft, i) => ({ ...draft, depth: depths[i] ?? 1, blocks: blocks[i] ?? [] }))
  }
}
