import { MapFlag } from '@bpf/sys'
import { viewOf } from '../codec/codec'
import type { ArenaMap } from '../map/arena-map'
import type { ArrayMemory } from './array-memory'
import { LiveBytes } from './live-bytes'

/** Where in an arena variables are. */
export interface ArenaVariables {
  readonly arena: ArenaMap
  /** Bytes from the beginning of the arena. */
  readonly base: number
}

/** Variables in an arena, which stays its owner's. `largest`: bytes of the largest of them. */
export function arenaMemory({ arena, base }: ArenaVariables, largest: number): ArrayMemory {
  if ((arena.shape.flags & MapFlag.SegvOnFault) !== 0) return faultingMemory({ arena, base })
  const bytes = new LiveBytes(arena.memory, largest)
  return {
    writable: true,
    live: true,
    read(offset, size) {
      void arena.memory
      return bytes.read(base + offset, size)
    },
    write(offset, size, fill) {
      void arena.memory
      bytes.write(base + offset, size, fill)
    },
    close() {},
  }
}

/** Where touching a page that no program made would end this process. */
function faultingMemory({ arena, base }: ArenaVariables): ArrayMemory {
  return {
    writable: true,
    live: false,
    read: (offset, size) => viewOf(arena.read(base + offset, size)),
    write(offset, size, fill) {
      const value = new Uint8Array(size)
      fill(viewOf(value))
      arena.write(base + offset, value)
    },
    close() {},
  }
}
