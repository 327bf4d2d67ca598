import { CorruptRingError } from '../errors'

/**
 * The reader's side of a perf event ring (include/uapi/linux/perf_event.h, `struct perf_event_mmap_page`), on plain
 * memory. One ring a CPU. Unlike the BPF ring buffer its data area is mapped once, so a record may wrap.
 *
 * Each record begins with `struct perf_event_header { u32 type; u16 misc; u16 size; }`. Of interest here:
 *
 *     PERF_RECORD_SAMPLE (9), sample_type = PERF_SAMPLE_RAW:  header, u32 size, bytes[size], padding to 8
 *     PERF_RECORD_LOST   (2):                                 header, u64 id, u64 lost
 */
export interface PerfRingMemory {
  /** `data_head`: where the kernel writes next, in bytes since creation. */
  readonly head: BigUint64Array
  /** `data_tail`: where the reader reads next; ours to write. */
  readonly tail: BigUint64Array
  /** The data area; its length is a power of two. */
  readonly data: Uint8Array
  readonly view: DataView
}

export interface PerfRecordHandlers {
  /** One sample. The bytes are valid during the call only, and may end in up to 7 bytes of padding from the kernel. */
  readonly onSample: (data: DataView, offset: number, length: number) => void
  /** The kernel dropped this many samples because the ring was full. */
  readonly onLost: (count: number) => void
  /** Whether one of them has unmapped the ring: then nothing more is handed over. */
  readonly isClosed?: () => boolean
}

const RecordType = { Lost: 2, Sample: 9 } as const
const perfHeaderSize = 8
/** The size of a record is a u16. */
const longestRecord = 1 << 16

/** Where a record that wraps is put together. */
export interface Scratch {
  readonly bytes: Uint8Array
  readonly view: DataView
}

export function createScratch(): Scratch {
  const bytes = new Uint8Array(longestRecord)
  return { bytes, view: new DataView(bytes.buffer) }
}

/**
 * Hands every complete record to the handlers, at most `limit` of them, then frees their space once. Returns the number
 * of records read.
 *
 * @throws CorruptRingError at what cannot be a record; what was there is then skipped
 */
export function drainPerfRing(
  ring: PerfRingMemory,
  handlers: PerfRecordHandlers,
  scratch: Scratch,
  limit = Number.POSITIVE_INFINITY,
): number {
  const { isClosed = () => false } = handlers
  const head = Number(Atomics.load(ring.head, 0))
  const start = Number(Atomics.load(ring.tail, 0))
  let tail = start
  let count = 0
  try {
    while (tail < head && count < limit) {
      const length = recordLength(ring, tail % ring.view.byteLength)
      if (length < perfHeaderSize || length > head - tail) {
        const error = new CorruptRingError(`perf record of ${length} bytes where ${head - tail} are`)
        tail = head
        throw error
      }
      const at = tail % ring.view.byteLength
      tail += length
      count++
      handleRecord(ring, at, length, handlers, scratch)
      if (isClosed()) break
    }
  } finally {
    if (tail !== start && !isClosed()) Atomics.store(ring.tail, 0, BigInt(tail))
  }
  return count
}

/**
 * Reads a ring that the kernel writes backwards and overwrites (`write_backward`): from `head`, the newest, to the oldest
 * record that is whole. Nothing may write meanwhile: pause the output first. Returns the number of records.
 */
export function readBackwardRing(ring: PerfRingMemory, handlers: PerfRecordHandlers, scratch: Scratch): number {
  const size = ring.view.byteLength
  // The position counts down from 0, modulo 2^64.
  const head = Number(BigInt.asUintN(52, Atomics.load(ring.head, 0)))
  const offsets: number[] = []
  let read = 0
  while (read < size) {
    const length = recordLength(ring, (head + read) % size)
    // Zeros have never been written; a record that reaches beyond the ring has lost its end to the newest ones.
    if (length < perfHeaderSize || length > size - read) break
    offsets.push((head + read) % size)
    read += length
  }
  for (const at of offsets.reverse()) handleRecord(ring, at, recordLength(ring, at), handlers, scratch)
  return offsets.length
}

/** Records are multiples of 8 bytes, so a header never wraps. */
function recordLength(ring: PerfRingMemory, at: number): number {
  return ring.view.getUint16(at + 6, true)
}

function handleRecord(ring: PerfRingMemory, at: number, length: number, handlers: PerfRecordHandlers, scratch: Scratch): void {
  const beforeEnd = ring.view.byteLength - at
  if (length <= beforeEnd) {
    handleWhole(ring.view, at, length, handlers)
  } else {
    scratch.bytes.set(ring.data.subarray(at), 0)
    scratch.bytes.set(ring.data.subarray(0, length - beforeEnd), beforeEnd)
    handleWhole(scratch.view, 0, length, handlers)
  }
}

function handleWhole(view: DataView, offset: number, length: number, handlers: PerfRecordHandlers): void {
  const type = view.getUint32(offset, true)
  const body = offset + perfHeaderSize
  if (type === RecordType.Sample && length >= perfHeaderSize + 4) {
    handlers.onSample(view, body + 4, Math.min(view.getUint32(body, true), length - perfHeaderSize - 4))
  } else if (type === RecordType.Lost && length >= perfHeaderSize + 16) {
    handlers.onLost(Number(view.getBigUint64(body + 8, true)))
  }
}
