import { groupBy } from '@bpf/bytes'
import type { FunctionRange } from './functions'

/** A place in a function. */
export interface FunctionPlace {
  readonly range: FunctionRange
  /** Bytes from the function's start. */
  readonly offset: number
}

/** Finds functions by where they are. */
export class FunctionIndex {
  /** By section index, by offset; of aliases only the first. */
  readonly #sections: ReadonlyMap<number, readonly FunctionRange[]>

  constructor(ranges: readonly FunctionRange[]) {
    this.#sections = groupBy(ranges, ({ section }) => section.index)
  }

  /** The function that contains a byte of a section. */
  at(sectionIndex: number, offset: number): FunctionPlace | undefined {
    const ranges = this.#sections.get(sectionIndex) ?? []
    let low = 0
    let high = ranges.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (endOf(ranges[middle]) <= offset) low = middle + 1
      else high = middle
    }
    const range = ranges[low]
    return range !== undefined && range.offset <= offset ? { range, offset: offset - range.offset } : undefined
  }
}

const endOf = (range: FunctionRange | undefined): number => (range === undefined ? 0 : range.offset + range.size)
