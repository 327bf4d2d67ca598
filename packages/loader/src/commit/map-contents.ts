import type { MapPlan } from '@bpf/object'
import { isSyscallError, littleEndian, type Mapping, MapType, mapFreeze, mapOps, type OwnedFd, type Sys } from '@bpf/sys'
import type { Context } from '../context'
import { refusal } from '../refusal'
import { mapArena } from './arena'

/** Gives a new map its contents; of an arena, returns the memory. Closes the map when that fails. @throws LoadError */
export function initialise({ sys }: Context, plan: MapPlan, fd: OwnedFd): Mapping | undefined {
  let memory: Mapping | undefined
  try {
    if (plan.type === MapType.Arena) memory = mapArena(sys, plan, fd)
    else if (plan.contents !== undefined) writeEntries(sys, plan, fd, plan.contents)
    if (plan.entries !== undefined) writeEntries(sys, plan, fd, plan.entries)
    if (plan.freeze) freeze(sys, fd)
    return memory
  } catch (error) {
    memory?.close()
    fd.close()
    if (!isSyscallError(error)) throw error
    throw refusal(sys, { stage: 'map', subject: plan.name, action: 'be given its initial contents', error })
  }
}

/** Writes values one behind the other to keys 0, 1, … */
function writeEntries(sys: Sys, plan: MapPlan, fd: OwnedFd, values: Uint8Array): void {
  const ops = mapOps(sys, fd.fd, plan)
  const key = new DataView(ops.key.buffer, ops.key.byteOffset, plan.keySize)
  for (let index = 0; index * plan.valueSize < values.byteLength; index++) {
    key.setUint32(0, index, littleEndian)
    ops.value.set(values.subarray(index * plan.valueSize, (index + 1) * plan.valueSize))
    const errno = ops.update()
    if (errno !== 0) throw ops.error('update', errno)
  }
}

/** Kernels before 5.2 cannot freeze; the data is then only not protected from our own writes. */
function freeze(sys: Sys, fd: OwnedFd): void {
  try {
    mapFreeze(sys, fd.fd)
  } catch (error) {
    if (!isSyscallError(error)) throw error
  }
}
