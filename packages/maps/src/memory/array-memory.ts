import { Errno, type Fd, isSyscallError, MapFlag, type Mapping, MapType, mapMemory, mapOps, Prot, type Sys } from '@bpf/sys'
import { MapError } from '../errors'
import type { MapShape } from '../map/shape'
import { LiveBytes } from './live-bytes'

/** The values of an array map, or variables in an arena, as memory by offset. */
export interface ArrayMemory {
  /** False where the kernel allows no writing: frozen maps, maps that are read-only for programs. */
  readonly writable: boolean
  /** Whether it is the map's own memory: reading and writing make no system call, and writing touches nothing else. */
  readonly live: boolean
  /** A copy of the bytes at `[offset, offset + size)`, valid until the next call. @throws ClosedError, SyscallError */
  read(offset: number, size: number): DataView
  /** Writes what `fill` puts at the beginning of its view. @throws ClosedError, SyscallError */
  write(offset: number, size: number, fill: (view: DataView) => void): void
  close(): void
}

export interface ArrayMemoryOptions {
  readonly sys: Sys
  /** Open as long as the memory is used. */
  readonly fd: Fd
  readonly shape: MapShape
}

/** Bytes from one value of an array to the next. */
export function strideOf(shape: MapShape): number {
  return Math.ceil(shape.valueSize / 8) * 8
}

/** The first value of an array: the map's own memory where it can be mapped. @throws SyscallError */
export function openArrayMemory(options: ArrayMemoryOptions): ArrayMemory {
  return canBeMapped(options.shape) ? mapArrayMemory(options) : copyArrayMemory(options)
}

function canBeMapped(shape: MapShape): boolean {
  return shape.type === MapType.Array && (shape.flags & MapFlag.Mmapable) !== 0
}

/** Maps an array that was created with BPF_F_MMAPABLE, for writing if that is allowed. @throws MapError, SyscallError */
export function mapArrayMemory({ sys, fd, shape }: ArrayMemoryOptions): ArrayMemory {
  if (!canBeMapped(shape)) {
    throw new MapError('ERR_BPF_NOT_MAPPABLE', shape.name, 'cannot be mapped: it is no array with BPF_F_MMAPABLE')
  }
  const { pageSize } = sys.native
  const length = Math.ceil((strideOf(shape) * shape.maxEntries) / pageSize) * pageSize
  const { mapping, writable } = mapWritable(sys, fd, length)
  const bytes = new LiveBytes(mapping.buffer, strideOf(shape))
  return {
    writable,
    live: true,
    read(offset, size) {
      assertOpen(mapping)
      return bytes.read(offset, size)
    },
    write(offset, size, fill) {
      assertOpen(mapping)
      if (!writable) throw readOnly(shape)
      bytes.write(offset, size, fill)
    },
    close: () => mapping.close(),
  }
}

/** The first value of an array that cannot be mapped: each access is a system call, and writing writes all of it back. */
function copyArrayMemory({ sys, fd, shape }: ArrayMemoryOptions): ArrayMemory {
  const ops = mapOps(sys, fd, shape)
  const value = new DataView(ops.value.buffer, ops.value.byteOffset, ops.value.byteLength)
  const look = () => {
    const errno = ops.lookup()
    if (errno !== 0) throw ops.error('lookup', errno)
  }
  return {
    writable: (shape.flags & MapFlag.RdonlyProg) === 0,
    live: false,
    read(offset, size) {
      look()
      return new DataView(value.buffer, value.byteOffset + offset, size)
    },
    write(offset, size, fill) {
      look()
      fill(new DataView(value.buffer, value.byteOffset + offset, size))
      const errno = ops.update()
      if (errno === Errno.EPERM) throw readOnly(shape)
      if (errno !== 0) throw ops.error('update', errno)
    },
    close() {},
  }
}

function mapWritable(sys: Sys, fd: Fd, length: number): { readonly mapping: Mapping; readonly writable: boolean } {
  try {
    return { mapping: mapMemory(sys, { fd, length, prot: Prot.Read | Prot.Write }), writable: true }
  } catch (error) {
    // Frozen; read-only for programs; opened read-only.
    if (!isSyscallError(error, Errno.EPERM, Errno.EACCES)) throw error
    return { mapping: mapMemory(sys, { fd, length, prot: Prot.Read }), writable: false }
  }
}

/** Without this the views would say zero, or nothing. */
function assertOpen(mapping: Mapping): void {
  void mapping.buffer
}

function readOnly(shape: MapShape): MapError {
  return new MapError('ERR_BPF_READ_ONLY', shape.name, 'is read-only', { hint: 'it is frozen, or was created for programs to read only' })
}
