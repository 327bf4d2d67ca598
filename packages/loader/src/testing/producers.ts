import type { LoadedObject } from '../loaded-object'

/** The number that `features/producers.o` put into a record. @throws Error if the record was not complete */
export function readNumbered(data: DataView, offset: number, length: number): number {
  const number = data.getUint32(offset, true)
  for (let i = 1; i < 8; i++) {
    if (data.getUint32(offset + 8 * i, true) !== number + i) throw new Error(`record ${number} of ${length} bytes is not complete`)
  }
  return number
}

/** What `features/producers.o` counted. */
export function counters(object: LoadedObject): { readonly next: number; readonly lost: number; readonly discarded: number } {
  const read = (name: string) => Number(object.variable(name).get())
  return { next: read('next'), lost: read('lost'), discarded: read('discarded') }
}

/** Which of the numbers below `size` were seen, and whether any was seen twice. */
export class Seen {
  count = 0
  twice = 0
  readonly #bits: Uint8Array

  constructor(size: number) {
    this.#bits = new Uint8Array(size)
  }

  add(number: number): void {
    this.count++
    this.twice += this.#bits[number] ?? 1
    this.#bits[number] = 1
  }

  has(number: number): boolean {
    return this.#bits[number] === 1
  }
}
