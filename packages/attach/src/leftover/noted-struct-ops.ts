import { infoLayouts, mapOps, objGetInfo, tryOpenById } from '@bpf/sys'
import type { AttachContext } from '../context'
import type { LeftNote } from './note'
import type { PlaceOf } from './place'

/** `struct bpf_struct_ops_common_value`: a reference count, and the state. */
const structOpsState = { offset: 4, inUse: 1 } as const

/** An implementation of a kernel interface that is registered, told by the name of its map. */
export function findStructOps({ sys }: AttachContext, { mapId }: PlaceOf<'struct_ops'>, note: LeftNote): (() => void) | undefined {
  using map = tryOpenById(sys, 'map', mapId)
  if (map === undefined) return undefined
  const { name, valueSize } = objGetInfo(sys, map.fd, infoLayouts.mapInfo, {})
  if (!note.program.startsWith(name)) return undefined
  const ops = mapOps(sys, map.fd, { keySize: 4, valueSize })
  if (ops.lookup() !== 0) return undefined
  const state = new DataView(ops.value.buffer, ops.value.byteOffset).getUint32(structOpsState.offset, true)
  if (state !== structOpsState.inUse) return undefined
  return () => {
    using registered = tryOpenById(sys, 'map', mapId)
    if (registered !== undefined) mapOps(sys, registered.fd, { keySize: 4, valueSize }).delete()
  }
}
