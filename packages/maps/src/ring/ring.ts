import { CorruptRingError } from '../errors'

/**
 * The consumer's side of a BPF ring buffer (kernel/bpf/ringbuf.c), on plain memory: it knows positions and bytes, neither
 * mappings nor waiting, so it is tested without a kernel.
 *
 * The data area is `size` bytes, a power of two, and appears twice in a row, so a record never wraps for the reader.
 * Each record is an 8-byte header, then the sample, padded to 8 bytes:
 *
 *     0        4        8
 *     | length | page   | sample …
 *       bit 31 of length: busy, the producer has reserved but not committed it
 *       bit 30 of length: discarded, skip it
 */
export interface RingMemory {
  /** One word, writable: how far the consumer has read, in bytes since creation. */
  readonly consumerPosition: BigUint64Array
  /** One word: how far producers have reserved. */
  readonly producerPosition: BigUint64Array
  /** The doubled data area, `2 * size` bytes. */
  readonly data: DataView
  /** The same bytes as 32-bit words: record lengths are read with acquire order. */
  readonly words: Int32Array
  /** Bytes of the data area, not doubled; at most 2^30. */
  readonly size: number
  /** The processor never moves a load before an earlier one (x86): then an acquire load is a plain load, at a fraction of the price. */
  readonly ordered: boolean
}

export const headerSize = 8
/** Makes the length negative, as a signed word. */
export const BUSY = 1 << 31
export const DISCARDED = 1 << 30
export const lengthMask = ~(BUSY | DISCARDED)

/** Called with the ring's own memory: the bytes at `[offset, offset + length)` of `data` are valid during the call only. */
export type RawRecord = (data: DataView, offset: number, length: number) => void

/** Space goes back to producers whenever so much has been read, so that they need not wait for the end: a part of the ring, … */
const releaseShare = 8
/** … and bytes at most. */
const releaseBytes = 256 * 1024

/**
 * Hands records to `onRecord`, at most `limit`, and gives their space back to the producers as it goes, also when `onRecord`
 * throws. Returns how many were handed over.
 *
 * Stops early at a record that a producer still writes: order is kept, and its commit wakes the waiter. Producers wake only who
 * waits for the very record that they commit, so there is nothing left only if nothing came after they could know where we are.
 *
 * Nothing more is handed over once `onRecord` has unmapped the ring, see `endRing`.
 *
 * @throws CorruptRingError if something wrote to the ring besides the kernel; what was there is then skipped
 */
export function drainRing(ring: RingMemory, onRecord: RawRecord, limit = Number.POSITIVE_INFINITY): number {
  const most = Math.min(ring.size / releaseShare, releaseBytes)
  let position = Number(Atomics.load(ring.consumerPosition, 0))
  let produced = publish(ring, position)
  let known = position
  const run: Run = { bytes: 0, count: 0 }
  try {
    for (;;) {
      readRun(ring, positionInRing(position, ring.size - 1), Math.min(produced - position, most), onRecord, limit, run)
      position += run.bytes
      run.bytes = 0
      if (run.count >= limit || position === known) return run.count
      produced = publish(ring, position)
      known = position
    }
  } catch (error) {
    position = error instanceof CorruptRingError ? produced : position + run.bytes
    throw error
  } finally {
    publish(ring, position)
  }
}

/** How far reading has come. */
interface Run {
  /** Of records, with their headers. */
  bytes: number
  /** Records handed over. */
  count: number
}

/**
 * Reads records from `offset` on until `bytes` are read, or one is not committed. Adds to `run`, also when `onRecord` throws.
 * The data follows itself, so an offset that grows beyond the ring's size still points at the right bytes.
 */
function readRun(ring: RingMemory, offset: number, bytes: number, onRecord: RawRecord, limit: number, run: Run): void {
  const { data, words, size } = ring
  const load = ring.ordered ? loadPlain : loadAcquire
  // Whole numbers of 32 bits, as unsigned as what they are compared with: this loop is where the time goes.
  const longest = (size - headerSize) >>> 0
  const end = (offset + bytes) | 0
  const wanted = Math.min(limit - run.count, 2 ** 31 - 1) | 0
  let at = offset | 0
  let left = wanted
  try {
    while (at < end && left > 0) {
      const header = load(words, at >>> 2)
      // Either flag makes the word larger than any length: one comparison for the records that matter.
      if (header >>> 0 > longest) {
        if (header < 0) break
        const length = header & lengthMask
        if (length > longest) throw corrupt(length, size)
        at = (at + recordSize(length)) | 0
        continue
      }
      const start = (at + headerSize) | 0
      at = (at + recordSize(header)) | 0
      left = (left - 1) | 0
      onRecord(data, start, header)
    }
  } finally {
    run.bytes = at - offset
    run.count += wanted - left
  }
}

const loadPlain = (words: Int32Array, index: number): number => words[index] ?? BUSY
const loadAcquire = (words: Int32Array, index: number): number => (index < words.length ? Atomics.load(words, index) : BUSY)

/** Tells producers how far we have read, and then asks how far they are. There are none once the memory is taken away. */
function publish(ring: RingMemory, position: number): number {
  if (ring.consumerPosition.length === 0) return position
  Atomics.store(ring.consumerPosition, 0, BigInt(position))
  return Number(Atomics.load(ring.producerPosition, 0))
}

/**
 * Lets a reader that is in the middle of a ring find no more records in it, after it was unmapped: where memory cannot be taken
 * away from views (Node 20), they show zeros, which would be records without bytes.
 */
export function endRing({ words }: RingMemory): void {
  if (words.length > 0) words.fill(BUSY)
}

function corrupt(length: number, size: number): CorruptRingError {
  return new CorruptRingError(`ring buffer record of ${length} bytes in a ring of ${size}`)
}

/** Positions exceed 32 bits; the ring's size does not. */
export function positionInRing(position: number, mask: number): number {
  return ((position % 2 ** 32) & mask) >>> 0
}

/** Header and sample, padded. */
export function recordSize(length: number): number {
  return (length + headerSize + 7) & ~7
}
