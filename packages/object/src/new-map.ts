import type { MapOrigin, MapSpec } from './spec'

/** A map definition of the given parts; everything else is as when a C definition does not mention it. */
export function newMap(name: string, parts: Partial<MapSpec> = {}): MapSpec {
  const origin: MapOrigin = { kind: 'caller' }
  return {
    name,
    kernelName: undefined,
    type: 0,
    keySize: 0,
    valueSize: 0,
    maxEntries: 0,
    flags: 0,
    mapExtra: 0n,
    numaNode: 0,
    ifindex: 0,
    keyTypeId: 0,
    valueTypeId: 0,
    recordTypeId: 0,
    inner: undefined,
    slots: [],
    pinning: 'none',
    pinPath: undefined,
    contents: undefined,
    autoCreate: true,
    origin,
    ...parts,
  }
}
