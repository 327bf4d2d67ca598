import { BpfError } from '@bpf/bytes'
import { duplicateFd, type Fd, getMapInfo, type Mapping, mapMemory, type OwnedFd, orClose, Prot, type Sys } from '@bpf/sys'
import type { OverwriteRingMemory } from './overwrite-ring'

/** Offset of `overwrite_pos` in the producer's page, behind `producer_pos` and `pending_pos`. Bytes. */
const overwritePositionOffset = 16

export interface MappedRing {
  /** Of the map, to wait on: our own, so that the caller may close theirs first. */
  readonly fd: Fd
  readonly memory: OverwriteRingMemory
  close(): void
}

/** Offsets in the doubled data area are whole numbers of 32 bits. Bytes. */
const largestRing = 2 ** 30

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
  if (size > largestRing)
    throw new BpfError('ERR_BPF_RING_SIZE', `a ring of ${size} bytes: more than ${largestRing} are not read here`, {
      hint: 'lower max_entries of the map before it is loaded',
    })
  const { pageSize } = sys.native
  const { map, consumer, producer } = openParts(sys, mapFd, size, side)
  return {
    fd: map.fd,
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
      map.close()
    },
  }
}

interface Parts {
  readonly map: OwnedFd
  readonly consumer: Mapping
  readonly producer: Mapping
}

function openParts(sys: Sys, mapFd: Fd, size: number, side: RingSide): Parts {
  const { pageSize } = sys.native
  const protFor = (owner: RingSide) => (side === owner ? Prot.Read | Prot.Write : Prot.Read)
  const map = duplicateFd(sys, mapFd, 'ring buffer map')
  return orClose(map, () => {
    const consumer = mapMemory(sys, { fd: map.fd, length: pageSize, prot: protFor('consumer') })
    const beyond = { fd: map.fd, length: pageSize + 2 * size, prot: protFor('producer'), offset: pageSize }
    const producer = orClose(consumer, () => mapMemory(sys, beyond))
    return { map, consumer, producer }
  })
}

/** Bytes of a ring buffer map's data, as the kernel has it. @throws SyscallError */
export function ringSizeOf(sys: Sys, mapFd: Fd): number {
  return getMapInfo(sys, mapFd).maxEntries
}
