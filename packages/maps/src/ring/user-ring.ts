import { BUSY, DISCARDED, headerSize, lengthMask, positionInRing, type RingMemory, recordSize } from './ring'

/**
 * The producer's side of a BPF user ring buffer (kernel/bpf/ringbuf.c), on plain memory. The format is that of `ring.ts`;
 * here the program reads and we write: the producer's position and the data are ours, the consumer's position is the kernel's.
 * There is one producer: two threads must not reserve at once.
 */
export type UserRingMemory = RingMemory

/** The longest sample that a program can be given (DYNPTR_MAX_SIZE). Bytes. */
const longestSample = 0xff_ffff

/** The longest sample that fits into a ring that is empty. Bytes. */
export function sampleLimit(ring: UserRingMemory): number {
  return Math.min(ring.size - headerSize, longestSample)
}

/**
 * Claims room for a sample of `length` bytes, at most `sampleLimit`; returns its offset in `data`, or -1 if there is not enough
 * now. Programs wait for it, and all behind it, until it is committed.
 */
export function reserveSample(ring: UserRingMemory, length: number): number {
  const consumed = Number(Atomics.load(ring.consumerPosition, 0))
  const produced = Number(Atomics.load(ring.producerPosition, 0))
  const size = recordSize(length)
  if (size > ring.size - (produced - consumed)) return -1
  const offset = positionInRing(produced, ring.size - 1)
  ring.words[(offset >>> 2) + 1] = 0
  Atomics.store(ring.words, offset >>> 2, length | BUSY)
  Atomics.store(ring.producerPosition, 0, BigInt(produced + size))
  return offset + headerSize
}

/** Hands the sample at `offset` to the program. */
export function submitSample(ring: UserRingMemory, offset: number): void {
  commit(ring, offset, 0)
}

/** Gives the room of the sample at `offset` back, without showing it to the program. */
export function discardSample(ring: UserRingMemory, offset: number): void {
  commit(ring, offset, DISCARDED)
}

function commit(ring: UserRingMemory, offset: number, flag: number): void {
  const header = (offset - headerSize) >>> 2
  Atomics.store(ring.words, header, (Atomics.load(ring.words, header) & lengthMask) | flag)
}
