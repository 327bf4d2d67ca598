import { Errno, type Fd, infoLayouts, mapOps, objGetInfo, type Sys } from '@bpf/sys'

/** Bytes of the one key of a struct_ops map, which is 0. */
const keySize = 4

/** Bytes of the map's value, which is the kernel's to lay out. @throws SyscallError */
function valueSizeOf(sys: Sys, map: Fd): number {
  return objGetInfo(sys, map, infoLayouts.mapInfo, {}).valueSize
}

/**
 * Gives a map its functions; one that was not made for a link is registered by it. A map that is linked holds its value for good:
 * the same one may be linked again. @throws SyscallError
 */
export function fillStructOps(sys: Sys, map: Fd, value: Uint8Array): void {
  const errno = update(sys, map, value)
  if (errno.code !== 0 && errno.code !== Errno.EBUSY) throw errno.error()
}

/** Registers by updating the map, which stays though nobody holds it. @throws SyscallError EBUSY if it is registered already */
export function registerByUpdate(sys: Sys, map: Fd, value: Uint8Array): void {
  const errno = update(sys, map, value)
  if (errno.code !== 0) throw errno.error()
}

/** Unregisters what an update registered. @throws SyscallError ENOENT if it is not registered */
export function unregisterByDelete(sys: Sys, map: Fd): void {
  const ops = mapOps(sys, map, { keySize, valueSize: 0 })
  const errno = ops.delete()
  if (errno !== 0) throw ops.error('delete', errno)
}

/** `struct bpf_struct_ops_common_value`: a reference count, and the state. */
const state = { offset: 4, inUse: 1 } as const

/** Whether the map itself is registered, without a link. @throws SyscallError */
export function isRegisteredByUpdate(sys: Sys, map: Fd): boolean {
  const ops = mapOps(sys, map, { keySize, valueSize: valueSizeOf(sys, map) })
  if (ops.lookup() !== 0) return false
  return new DataView(ops.value.buffer, ops.value.byteOffset).getUint32(state.offset, true) === state.inUse
}

function update(sys: Sys, map: Fd, value: Uint8Array) {
  const valueSize = valueSizeOf(sys, map)
  const ops = mapOps(sys, map, { keySize, valueSize })
  ops.value.set(value.subarray(0, valueSize))
  const code = ops.update()
  return { code, error: () => ops.error('update', code) }
}
