import type { MapSpec } from '../spec'

/** The order of creation: as written, but maps of maps come last, after those that are their initial values. */
export function creationOrder(maps: readonly MapSpec[]): readonly MapSpec[] {
  const holdsMaps = (map: MapSpec) => map.slots.some(slot => slot.kind === 'map')
  return [...maps.filter(map => !holdsMaps(map)), ...maps.filter(holdsMaps)]
}
