import { Errno, infoLayouts, isSyscallError, objGetInfo, tryOpenById } from '@bpf/sys'
import type { AttachContext } from '../context'
import { isRegisteredByUpdate, unregisterByDelete } from '../struct-ops/struct-ops-update'
import type { LeftNote } from './note'
import type { PlaceOf } from './place'

/** An implementation of a kernel interface that is registered, told by the name of its map. */
export function findStructOps({ sys }: AttachContext, { mapId }: PlaceOf<'struct_ops'>, note: LeftNote): (() => void) | undefined {
  using map = tryOpenById(sys, 'map', mapId)
  if (map === undefined) return undefined
  const { name } = objGetInfo(sys, map.fd, infoLayouts.mapInfo, {})
  if (!note.program.startsWith(name) || !isRegisteredByUpdate(sys, map.fd)) return undefined
  return () => {
    using registered = tryOpenById(sys, 'map', mapId)
    try {
      if (registered !== undefined) unregisterByDelete(sys, registered.fd)
    } catch (error) {
      // Somebody was faster.
      if (!isSyscallError(error, Errno.ENOENT)) throw error
    }
  }
}
