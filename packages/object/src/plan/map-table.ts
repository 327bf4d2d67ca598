import type { MapSpec, ObjectSpec } from '../spec'
import type { Target } from '../target'
import { creationOrder } from './map-order'
import { arenaBase } from './map-plan'
import type { ReferencedMap } from './references'
import type { StructOpsTable } from './struct-ops-table'

/** Which maps of an object are created, and how programs see them. */
export interface MapTable {
  /** In the order of creation. */
  readonly created: readonly MapSpec[]
  readonly referenced: ReadonlyMap<string, ReferencedMap>
  /** Read-only data that is created, by name. */
  readonly readOnly: readonly string[]
}

export function tableOfMaps({ maps }: ObjectSpec, target: Target, structOps: StructOpsTable): MapTable {
  const missing = new Map(maps.map(map => [map, missingReason(map, target, structOps)]))
  const created = creationOrder(maps).filter(map => missing.get(map) === undefined)
  const referenced = maps.map((map, index) => [map.name, { index, missing: missing.get(map), base: arenaBase(map, target) }] as const)
  return { created, referenced: new Map(referenced), readOnly: created.filter(isReadOnlyData).map(map => map.name) }
}

/** Why a map is not created; undefined = it is. */
function missingReason(map: MapSpec, target: Target, structOps: StructOpsTable): string | undefined {
  if (!map.autoCreate) return 'its autoCreate is off'
  if (map.origin.kind === 'data' && target.has('globalData') === false) return 'the kernel has no global data'
  return structOps.failures.get(map.name)?.message
}

function isReadOnlyData({ origin }: MapSpec): boolean {
  return origin.kind === 'data' && origin.access === 'readOnly'
}
