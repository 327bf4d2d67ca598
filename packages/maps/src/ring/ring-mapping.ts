import { BpfError } from '@bpf/bytes'
import { type Fd, getMapInfo, type Mapping, mapMemory, orClose, Prot, type Sys } from '@bpf/sys'
import type { OverwriteRingMemory } from './overwrite-ring'

/** Offset of `overwrite_pos` in the producer's page, behind `producer_pos` and `pending_pos`. Bytes. */
const overwritePositionOffset = 16

export interface MappedRing {
  readonly memory: OverwriteRingMemory
  close(): void
}

/** Which side of the ring is ours to write; the kernel refuses anything else. */
export type RingSide = 'consumer' | 'producer'

/**
 * Maps the three parts of a ring buffer: the consumer's page, then the producer's with the data twice in a row.
 *
 * @throws SyscallError if it cannot be mapped: not a ring buffer, or no permission
 */
export function mapRing(sys: Sys, mapFd: Fd, size: number, side: RingSide): MappedRing {
  if (size < 8 || (size & (size - 1)) !== 0)
    throw new BpfError('ERR_BPF_RING_SIZE', `a ring of ${size} bytes: not a power of two`, { hint: 'is the map a ring buffer?' })
  const { pageSize } = sys.native
  const writable = Prot.Read | Prot.Write
  const consumer = mapMemory(sys, { fd: mapFd, length: pageSize, prot: side === 'consumer' ? writable : Prot.Read })
  const producer = mapProducer(sys, mapFd, size, side === 'producer' ? writable : Prot.Read, consumer)
  return {
    memory: {
      consumerPosition: new BigUint64Array(consumer.buffer, 0, 1),
      producerPosition: new BigUint64Array(producer.buffer, 0, 1),
      overwritePosition: new BigUint64Array(producer.buffer, overwritePositionOffset, 1),
      data: new DataView(producer.buffer, pageSize, 2 * size),
      words: new Int32Array(producer.buffer, pageSize, size / 2),
      size,
      ordered: sys.native.arch.name === 'x64',
    },
    close() {
      producer.close()
      consumer.close()
    },
  }
}

function mapProducer(sys: Sys, fd: Fd, size: number, prot: number, consumer: Mapping): Mapping {
  const { pageSize } = sys.native
  return orClose(consumer, () => mapMemory(sys, { fd, length: pageSize + 2 * size, prot, offset: pageSize }))
}

/** Bytes of a ring buffer map's data, as the kernel has it. @throws SyscallError */
export function ringSizeOf(sys: Sys, mapFd: Fd): number {
  return getMapInfo(sys, mapFd).maxEntries
}
