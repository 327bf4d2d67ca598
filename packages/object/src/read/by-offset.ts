interface HasOffset {
  /** Bytes from the start of a section. */
  readonly offset: number
}

/** Sorted by offset; the same array if it is so already, as compilers write it. */
export function sortedByOffset<T extends HasOffset>(records: readonly T[]): readonly T[] {
  const inOrder = records.every(({ offset }, index) => index === 0 || (records[index - 1]?.offset ?? 0) <= offset)
  return inOrder ? records : records.toSorted((a, b) => a.offset - b.offset)
}

/** The records with an offset in [start, end), of sorted ones. */
export function sliceByOffset<T extends HasOffset>(sorted: readonly T[], start: number, end: number): readonly T[] {
  return sorted.slice(lowerBound(sorted, start), lowerBound(sorted, end))
}

function lowerBound(sorted: readonly HasOffset[], offset: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle]?.offset ?? 0) < offset) low = middle + 1
    else high = middle
  }
  return low
}
