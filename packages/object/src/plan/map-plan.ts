import { MapFlag } from '../constants/flags'
import { isMapInMap, MapType } from '../constants/map-type'
import type { MapPlan } from '../plan-types'
import type { MapSpec } from '../spec'
import type { Target } from '../target'
import { dataMapKernelName, kernelName } from './map-name'
import { arenaSize, completeMaxEntries } from './map-size'
import type { StructOpsMatch } from './struct-ops'
import type { UploadBtf } from './upload-btf'

/** What the plan of a map needs to know beside its spec. */
export interface MapContext {
  /** Name of the object, which is part of the names of data sections. */
  readonly object: string
  readonly target: Target
  /** BTF that maps can refer to. */
  readonly upload: UploadBtf | undefined
  /** Contents of the `.kconfig` map. */
  readonly kconfig: Uint8Array | undefined
  /** By map name. */
  readonly structOps: ReadonlyMap<string, StructOpsMatch>
  /** By map name. */
  readonly slots: ReadonlyMap<string, MapSpec['slots']>
}

/** Types whose creation fails when key or value types are given. */
const typesWithoutBtf: ReadonlySet<number> = new Set([
  MapType.PerfEventArray,
  MapType.CgroupArray,
  MapType.StackTrace,
  MapType.ArrayOfMaps,
  MapType.HashOfMaps,
  MapType.Devmap,
  MapType.DevmapHash,
  MapType.Cpumap,
  MapType.Xskmap,
  MapType.Sockmap,
  MapType.Sockhash,
  MapType.Queue,
  MapType.Stack,
  MapType.Arena,
])

export function planMap(spec: MapSpec, context: MapContext): MapPlan {
  const { target, upload } = context
  const structOps = context.structOps.get(spec.name)
  const hasBtf = upload !== undefined && !upload.unfitMaps.has(spec.name) && !typesWithoutBtf.has(spec.type)
  return {
    name: spec.name,
    kernelName: target.has('programName') === false ? '' : (spec.kernelName ?? defaultName(spec, context.object)),
    type: spec.type,
    keySize: spec.keySize,
    valueSize: structOps?.valueSize ?? spec.valueSize,
    maxEntries: completeMaxEntries(spec, target),
    flags: flagsOf(spec, target, structOps),
    mapExtra: spec.mapExtra,
    numaNode: spec.numaNode,
    ifindex: spec.ifindex,
    keyTypeId: hasBtf ? spec.keyTypeId : 0,
    valueTypeId: hasBtf && structOps === undefined ? spec.valueTypeId : 0,
    vmlinuxValueType: structOps?.valueType,
    inner: spec.inner === undefined || !isMapInMap(spec.type) ? undefined : planMap(spec.inner, context),
    pinning: spec.pinning,
    pinPath: spec.pinPath,
    contents: contentsOf(spec, context),
    contentsOffset: arenaBase(spec, target),
    entries: undefined,
    freeze: spec.origin.kind === 'data' && spec.origin.access !== 'readWrite',
    slots: context.slots.get(spec.name) ?? [],
  }
}

function defaultName(spec: MapSpec, object: string): string {
  return spec.origin.kind === 'data' ? dataMapKernelName(object, spec.origin.section) : kernelName(spec.name)
}

function flagsOf({ flags, origin }: MapSpec, target: Target, structOps: StructOpsMatch | undefined): number {
  let result = flags
  if (origin.kind === 'data' && origin.access !== 'readWrite') result |= MapFlag.RdonlyProg
  if (origin.kind === 'data' && target.has('arrayMmap') === false) result &= ~MapFlag.Mmapable
  if (structOps?.plan.link) result |= MapFlag.Link
  if (structOps?.valueType.module !== undefined) result |= MapFlag.VtypeBtfObjFd
  return result
}

/** Of a data section's map, exactly `valueSize` bytes. */
function contentsOf(spec: MapSpec, { kconfig }: MapContext): Uint8Array | undefined {
  const contents = spec.origin.kind === 'data' && spec.origin.access === 'kconfig' ? kconfig : spec.contents
  if (contents === undefined || spec.origin.kind !== 'data' || contents.length === spec.valueSize) return contents
  const resized = new Uint8Array(spec.valueSize)
  resized.set(contents.subarray(0, spec.valueSize))
  return resized
}

/**
 * Where the variables of an arena begin in its mapping: at its end, page by page, so that allocations begin at its start;
 * but at its start on kernels whose programs cannot refer to offsets that large.
 */
export function arenaBase(spec: MapSpec, target: Target): number {
  if (spec.type !== MapType.Arena || spec.contents === undefined || target.has('largeMapValueOffset') !== true) return 0
  const pages = Math.ceil(spec.contents.length / target.pageSize)
  return Math.max(0, arenaSize(spec, target.pageSize) - pages * target.pageSize)
}
