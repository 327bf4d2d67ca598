import { littleEndian } from '../arch'
import { syscallError } from '../call'
import { BpfCommand } from '../constants/command'
import { commandName } from '../constants/names'
import { ArgumentError, encodeFields } from '../layout'
import type { Fd } from '../owned-fd'
import type { Sys } from '../sys'
import type { SyscallError } from '../syscall-error'
import type { Attributes } from '../trace'
import { mapElement } from './attr-layouts'

/**
 * Element operations of one map on memory prepared once: no allocation per operation, nothing encoded but what changes.
 *
 * Write the key into `key` (and the value into `value`), call, read `value` or `nextKey`. Each operation returns 0 or the
 * error number, because a missing key is an answer and not an accident; `error()` makes the exception for the rest.
 *
 * The kernel reads and writes exactly `keySize` and `valueSize` bytes: for per-CPU maps `valueSize` is the value rounded
 * up to 8, times the possible CPUs.
 */
export interface MapOps {
  readonly key: Uint8Array
  readonly nextKey: Uint8Array
  readonly value: Uint8Array
  /** Value of `key` into `value`. `flags`: `ElemFlag`, with a CPU in the upper half. */
  lookup(flags?: number): number
  /** Sets `key` to `value`. */
  update(flags?: number): number
  delete(): number
  /** Value of `key` into `value`, and away with it (4.20). Queues and stacks have no key. */
  lookupAndDelete(flags?: number): number
  /** The key after `key` into `nextKey`; ENOENT after the last. If `key` is gone, hash maps begin again. */
  next(): number
  /** The first key into `nextKey`; ENOENT when empty. */
  first(): number
  /** The exception for what one of the above returned. */
  error(operation: MapOperation, errno: number): SyscallError
}

export type MapOperation = 'lookup' | 'update' | 'delete' | 'lookupAndDelete' | 'next' | 'first'

const commands: Readonly<Record<MapOperation, BpfCommand>> = {
  lookup: BpfCommand.MapLookupElem,
  update: BpfCommand.MapUpdateElem,
  delete: BpfCommand.MapDeleteElem,
  lookupAndDelete: BpfCommand.MapLookupAndDeleteElem,
  next: BpfCommand.MapGetNextKey,
  first: BpfCommand.MapGetNextKey,
}

const attrSize = mapElement.size
const sizeWithoutFlags = mapElement.byName.flags.offset
const deleteSize = mapElement.byName.value.offset

export interface MapOpsSizes {
  /** Bytes. */
  readonly keySize: number
  readonly valueSize: number
  /** Memory of the caller's to work on, of these sizes; it is made where absent. Do not detach or resize its buffer. */
  readonly key?: Uint8Array | undefined
  readonly value?: Uint8Array | undefined
}

/**
 * Prepares the memory for the element operations of a map. It owns no descriptor; `fd` must outlive it.
 *
 * @throws ArgumentError if memory of the caller's has another size
 */
export function mapOps(sys: Sys, fd: Fd, sizes: MapOpsSizes): MapOps {
  const { native } = sys
  const { elementAttr, keyAttr, firstAttr, key, nextKey, value } = prepareMemory(sys, fd, sizes)
  const flagsAt = mapElement.byName.flags.offset
  const flagsView = new DataView(elementAttr.buffer, elementAttr.byteOffset + flagsAt, 8)
  const [element, keyOnly, first] = [elementAttr, keyAttr, firstAttr].map(attr => Number(native.address(attr))) as [number, number, number]
  let currentFlags = 0

  function setFlags(flags: number): number {
    if (flags !== currentFlags) {
      flagsView.setUint32(0, flags % 2 ** 32, littleEndian)
      flagsView.setUint32(4, Math.floor(flags / 2 ** 32), littleEndian)
      currentFlags = flags
    }
    return flags === 0 ? sizeWithoutFlags : attrSize
  }

  function finish(operation: MapOperation, result: number): number {
    const errno = result === -1 ? native.errno() : 0
    sys.trace?.({ syscall: 'bpf', operation: commandName(commands[operation]), attributes: describe(operation), result, errno })
    return errno
  }

  function describe(operation: MapOperation): Attributes {
    const walking = operation === 'next' || operation === 'first'
    return {
      mapFd: fd,
      key: operation === 'first' || key.byteLength === 0 ? undefined : key.slice(),
      ...(walking ? { nextKey: nextKey.slice() } : {}),
      ...(walking || operation === 'delete' ? {} : { value: value.slice(), flags: currentFlags }),
    }
  }

  return {
    key,
    nextKey,
    value,
    lookup: (flags = 0) => finish('lookup', native.bpf(BpfCommand.MapLookupElem, element, setFlags(flags))),
    update: (flags = 0) => finish('update', native.bpf(BpfCommand.MapUpdateElem, element, setFlags(flags))),
    delete: () => finish('delete', native.bpf(BpfCommand.MapDeleteElem, keyOnly, deleteSize)),
    lookupAndDelete: (flags = 0) => finish('lookupAndDelete', native.bpf(BpfCommand.MapLookupAndDeleteElem, element, setFlags(flags))),
    next: () => finish('next', native.bpf(BpfCommand.MapGetNextKey, keyOnly, sizeWithoutFlags)),
    first: () => finish('first', native.bpf(BpfCommand.MapGetNextKey, first, sizeWithoutFlags)),
    error: (operation, errno) => syscallError(sys, 'bpf', commandName(commands[operation]), errno, describe(operation)),
  }
}

/** Attributes and scratch in one block, each part aligned to 8 bytes, all addresses written. */
function prepareMemory(sys: Sys, fd: Fd, sizes: MapOpsSizes) {
  const { keySize, valueSize } = sizes
  const block = new ArrayBuffer(3 * attrSize + 2 * align8(keySize) + align8(valueSize))
  let at = 0
  const take = (size: number) => {
    const part = new Uint8Array(block, at, size)
    at += align8(size)
    return part
  }
  const elementAttr = take(attrSize)
  const keyAttr = take(attrSize)
  const firstAttr = take(attrSize)
  const key = checkSize('key', sizes.key, keySize) ?? take(keySize)
  const nextKey = take(keySize)
  const value = checkSize('value', sizes.value, valueSize) ?? take(valueSize)
  // A map without keys wants NULL, not an address of nothing.
  const addressOf = (memory: Uint8Array) => (memory.byteLength === 0 ? 0n : sys.native.address(memory))
  writeAttr(elementAttr, fd, addressOf(key), addressOf(value))
  writeAttr(keyAttr, fd, addressOf(key), addressOf(nextKey))
  writeAttr(firstAttr, fd, 0n, addressOf(nextKey))
  return { elementAttr, keyAttr, firstAttr, key, nextKey, value }
}

function writeAttr(attr: Uint8Array, fd: Fd, key: bigint, value: bigint): void {
  encodeFields(mapElement, attr, { mapFd: fd, key, value }, () => 0n, [])
}

function checkSize(name: string, memory: Uint8Array | undefined, size: number): Uint8Array | undefined {
  if (memory !== undefined && memory.byteLength !== size) throw new ArgumentError(name, memory, `${size} bytes`)
  return memory
}

function align8(size: number): number {
  return Math.ceil(size / 8) * 8
}
