import { DISCARDED, headerSize, lengthMask, positionInRing, type RawRecord, type RingMemory, recordSize } from './ring'

/**
 * A BPF ring buffer that overwrites its oldest records when it is full (BPF_F_RB_OVERWRITE, Linux 6.19). Producers do not
 * wait for the reader, so it copies first and then asks which part of the copy was still whole.
 */
export interface OverwriteRingMemory extends RingMemory {
  /** One word: the oldest record that is not overwritten. Producers move it before they write. */
  readonly overwritePosition: BigUint64Array
}

export interface OverwriteRead {
  /** Records handed over. */
  readonly count: number
  /** Bytes of records, with their headers, that were overwritten before they could be read. */
  readonly overwritten: number
}

/** A reader that is overtaken this often in a row gives up until the next call. */
const attempts = 8

/**
 * Hands records to `onRecord`, at most `limit`, from where the last call ended or from the oldest that is left. `copy` has the
 * size of the ring; the records lie in it, not in the ring. Nothing more is handed over once the ring `isClosed`.
 */
export function drainOverwriteRing(
  ring: OverwriteRingMemory,
  onRecord: RawRecord,
  copy: Uint8Array,
  limit = Number.POSITIVE_INFINITY,
  isClosed: () => boolean = () => false,
): OverwriteRead {
  const consumed = Number(Atomics.load(ring.consumerPosition, 0))
  const { start, whole, end } = copyRecords(ring, copy, consumed, limit)
  const view = new DataView(copy.buffer, copy.byteOffset, copy.byteLength)
  let position = whole
  let count = 0
  try {
    while (position < end && !isClosed()) {
      const at = position - start
      const header = view.getInt32(at, true)
      const length = header & lengthMask
      position += recordSize(length)
      if (header & DISCARDED) continue
      count++
      onRecord(view, at + headerSize, length)
    }
  } finally {
    if (position !== consumed && !isClosed()) Atomics.store(ring.consumerPosition, 0, BigInt(position))
  }
  return { count, overwritten: whole - consumed }
}

/** Positions: `copy` holds the ring from `start`; the records in `[whole, end)` are committed and were not overwritten meanwhile. */
interface Copied {
  readonly start: number
  readonly whole: number
  readonly end: number
}

/**
 * Bytes that producers have reserved and nobody has read or overwritten: committed, busy and discarded records. Also of rings
 * that do not overwrite, whose position of that name stays 0.
 */
export function unreadBytes(ring: OverwriteRingMemory): number {
  const start = Math.max(Number(Atomics.load(ring.consumerPosition, 0)), Number(Atomics.load(ring.overwritePosition, 0)))
  return Number(Atomics.load(ring.producerPosition, 0)) - start
}

function copyRecords(ring: OverwriteRingMemory, copy: Uint8Array, consumed: number, limit: number): Copied {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const produced = Number(Atomics.load(ring.producerPosition, 0))
    // Asked after the producers' position: what lies between the two is then never more than the ring.
    const start = Math.max(consumed, Number(Atomics.load(ring.overwritePosition, 0)))
    const end = endOfCommitted(ring, start, produced, limit)
    const offset = positionInRing(start, ring.size - 1)
    copy.set(new Uint8Array(ring.data.buffer, ring.data.byteOffset + offset, end - start))
    const whole = Math.max(start, Number(Atomics.load(ring.overwritePosition, 0)))
    if (whole <= end) return { start, whole, end }
  }
  return { start: consumed, whole: consumed, end: consumed }
}

/** Where the first record begins that is not committed, or beyond `limit`; or that has been overwritten while we look. */
function endOfCommitted(ring: OverwriteRingMemory, start: number, produced: number, limit: number): number {
  const mask = ring.size - 1
  let position = start
  for (let count = 0; position < produced && count < limit; count++) {
    const header = Atomics.load(ring.words, positionInRing(position, mask) >>> 2)
    const length = header & lengthMask
    if (header < 0 || recordSize(length) > produced - position) break
    position += recordSize(length)
  }
  return position
}
