import { openMapFd } from '@bpf/maps'
import { getMapInfo, isSyscallError, MapFlag, type MapInfo, MapType, tryOpenById } from '@bpf/sys'
import type { KernelContext } from '../context'

/** What a program says of itself, such as its version: constants whose names begin so. */
const prefix = 'bpf_metadata_'

/** By name without the prefix, of all maps of a program; none where they may not be read. */
export function readMetadata(context: KernelContext, mapIds: readonly number[]): Readonly<Record<string, unknown>> {
  const variables = mapIds.flatMap(id => Object.entries(readConstants(context, id)))
  return Object.fromEntries(
    variables.flatMap(([name, value]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), value] as const] : [])),
  )
}

function readConstants(context: KernelContext, id: number): object {
  try {
    const fd = tryOpenById(context.sys, 'map', id)
    if (fd === undefined) return {}
    if (!isConstants(getMapInfo(context.sys, fd.fd))) {
      fd.close()
      return {}
    }
    using map = openMapFd(context, fd)
    const value = map.kind === 'keyed' ? map.get(0) : undefined
    return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) ? value : {}
  } catch (error) {
    if (isSyscallError(error)) return {}
    throw error
  }
}

/** As loaders make `.rodata`. */
function isConstants({ type, maxEntries, flags, btfValueTypeId }: MapInfo): boolean {
  return type === MapType.Array && maxEntries === 1 && (flags & MapFlag.RdonlyProg) !== 0 && btfValueTypeId !== 0
}
