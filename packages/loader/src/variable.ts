import { BpfError } from '@bpf/bytes'
import type { ValueCodec } from '@bpf/maps'
import type { VariableSpec } from '@bpf/object'
import { type Fd, mapOps, type Sys } from '@bpf/sys'
import type { DataMemory } from './data-memory'

/** A global variable cannot be read or written. */
export class VariableError extends BpfError {
  override readonly name = 'VariableError'
}

/**
 * A global variable of a loaded object. Where the kernel lets user space map the section, reading and writing touch the
 * program's own memory, without a system call; elsewhere the section's whole value is read, and written back.
 */
export interface Variable<T = unknown> {
  readonly name: string
  /** The map of its section: `.data`. */
  readonly map: string
  /** Bytes. */
  readonly size: number
  /** Constants of the program (`.rodata`, `.kconfig`) are fixed when the object is loaded. */
  readonly readOnly: boolean
  /** Its memory is mapped into this process. */
  readonly mapped: boolean
  /** @throws SyscallError, ClosedError */
  get(): T
  /** Changes it for the programs that run, at once. @throws VariableError if it is read-only, EncodeError, SyscallError, ClosedError */
  set(value: T): void
}

export interface VariableOptions<T> {
  readonly sys: Sys
  readonly spec: VariableSpec
  readonly codec: ValueCodec<T>
  readonly readOnly: boolean
  /** Of the section's map; asked each time, so that a closed map is noticed. */
  readonly mapFd: () => Fd
  /** Bytes of the section. */
  readonly sectionSize: number
  /** Undefined where the section cannot be mapped. */
  readonly memory: DataMemory | undefined
}

export function createVariable<T>(options: VariableOptions<T>): Variable<T> {
  const { spec, codec, readOnly, memory } = options
  const { name, size, offset } = spec
  const access = memory === undefined ? byCopy(options) : byMapping(memory, codec, offset, size)
  return {
    name,
    map: spec.map,
    size,
    readOnly,
    mapped: memory !== undefined,
    get: access.get,
    set(value) {
      if (readOnly) throw readOnlyError(name)
      access.set(value)
    },
  }
}

interface Access<T> {
  get(): T
  set(value: T): void
}

/** What a processor stores at once. */
const wordSize = 8

function byMapping<T>(memory: DataMemory, codec: ValueCodec<T>, offset: number, size: number): Access<T> {
  return {
    get: () => codec.decode(memory.view(), offset),
    set(value) {
      const view = memory.view()
      if (size <= wordSize) {
        codec.encode(value, view, offset)
        return
      }
      // A value that turns out not to fit must not leave half of itself in the program's memory.
      const target = new Uint8Array(view.buffer, view.byteOffset + offset, size)
      const scratch = target.slice()
      codec.encode(value, viewOf(scratch), 0)
      target.set(scratch)
    },
  }
}

/** Data sections are arrays of one entry. What a program writes to the section between reading and writing is lost. */
function byCopy<T>({ sys, codec, spec, mapFd, sectionSize }: VariableOptions<T>): Access<T> {
  const read = () => {
    const ops = mapOps(sys, mapFd(), { keySize: 4, valueSize: sectionSize })
    const errno = ops.lookup()
    if (errno !== 0) throw ops.error('lookup', errno)
    return ops
  }
  return {
    get: () => codec.decode(viewOf(read().value), spec.offset),
    set(value) {
      const ops = read()
      codec.encode(value, viewOf(ops.value), spec.offset)
      const errno = ops.update()
      if (errno !== 0) throw ops.error('update', errno)
    },
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function readOnlyError(name: string): VariableError {
  return new VariableError('ERR_BPF_READ_ONLY', `variable "${name}" is constant once the object is loaded`, {
    hint: 'set it before loading: open(…).set(name, value)',
  })
}
