import { onLastView } from './last-view'

/** Addresses `[start, end)`. */
export interface AddressRange {
  readonly start: bigint
  readonly end: bigint
}

interface Grave {
  /** What of it is still empty memory of ours. */
  ranges: readonly AddressRange[]
}

/**
 * Address space of closed mappings that views may still point to: empty memory, given back when the last view is collected.
 * A mapping that must be at a certain address may have it before.
 */
export class Graves {
  readonly #open = new Set<Grave>()

  add(buffer: ArrayBuffer, range: AddressRange, release: (range: AddressRange) => void): void {
    const grave: Grave = { ranges: [range] }
    this.#open.add(grave)
    onLastView(buffer, () => {
      this.#open.delete(grave)
      for (const left of grave.ranges) release(left)
    })
  }

  /** Whether nothing but graves is in the way of `wanted`, where `taken` is all memory of the process. */
  isOnlyInTheWay(wanted: AddressRange, taken: readonly AddressRange[]): boolean {
    const graves = [...this.#open].flatMap(({ ranges }) => ranges)
    return taken
      .map(range => intersection(range, wanted))
      .every(range => graves.reduce<readonly AddressRange[]>(without, isEmpty(range) ? [] : [range]).length === 0)
  }

  /** Somebody else's from now on: not to be given back. */
  yield(range: AddressRange): void {
    for (const grave of this.#open) grave.ranges = without(grave.ranges, range)
  }
}

/** What is left of `ranges` outside of `cut`. */
export function without(ranges: readonly AddressRange[], cut: AddressRange): readonly AddressRange[] {
  return ranges
    .flatMap(({ start, end }) => [
      { start, end: min(end, cut.start) },
      { start: max(start, cut.end), end },
    ])
    .filter(range => !isEmpty(range))
}

function intersection(a: AddressRange, b: AddressRange): AddressRange {
  return { start: max(a.start, b.start), end: min(a.end, b.end) }
}

const isEmpty = ({ start, end }: AddressRange) => start >= end
const min = (a: bigint, b: bigint) => (a < b ? a : b)
const max = (a: bigint, b: bigint) => (a > b ? a : b)
