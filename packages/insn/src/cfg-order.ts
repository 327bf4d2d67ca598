import type { Cfg } from './cfg'

/** The depth-first tree of a graph's blocks. */
export class DepthFirstOrder {
  /** By block: its place in the order, -1 while it is not reached. */
  readonly number: Int32Array
  /** By block: the highest number in the tree below it. */
  readonly #last: Int32Array
  readonly #parent: Int32Array
  #count = 0

  constructor(blocks: number) {
    this.number = new Int32Array(blocks).fill(-1)
    this.#last = new Int32Array(blocks)
    this.#parent = new Int32Array(blocks)
  }

  /** Walks everything that a block leads to. Returns the blocks in the order of their numbers. */
  visit(cfg: Cfg, entry: number): number[] {
    const visited: number[] = []
    const path: { readonly block: number; next: number }[] = []
    const enter = (block: number, from: number): void => {
      this.number[block] = this.#count++
      this.#parent[block] = from
      visited.push(block)
      path.push({ block, next: 0 })
    }
    enter(entry, entry)
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const edge = cfg.blocks[top.block]?.successors[top.next++]
      if (edge === undefined) {
        this.#last[top.block] = this.#count - 1
        path.pop()
      } else if (!this.reaches(edge.to)) enter(edge.to, top.block)
    }
    return visited
  }

  reaches(block: number): boolean {
    return (this.number[block] ?? -1) >= 0
  }

  /** The block above a reached one in the tree; an entry itself. */
  parent(block: number): number {
    return this.#parent[block] ?? block
  }

  /** Whether a block is above another in the tree, or the same. Both must be reached, and the walk be done. */
  isAbove(upper: number, lower: number): boolean {
    const start = this.number[upper] ?? 0
    const number = this.number[lower] ?? 0
    return start <= number && number <= (this.#last[upper] ?? 0)
  }
}
