/** Disjoint sets of 0 … count-1 in which the one merged into stands for the set; finding shortens the paths. */
export class DisjointSets {
  readonly #up: Int32Array

  constructor(count: number) {
    this.#up = Int32Array.from({ length: count }, (_, i) => i)
  }

  merge(from: number, into: number): void {
    this.#up[from] = into
  }

  /** What stands for the set that an element is in. */
  find(element: number): number {
    let at = element
    for (let up = this.#above(at); up !== at; up = this.#above(at)) {
      // Halves the path on the way.
      const next = this.#above(up)
      this.#up[at] = next
      at = next
    }
    return at
  }

  #above(element: number): number {
    return this.#up[element] ?? element
  }
}
