import { bpftoolCompany } from '../objects/company'
import type { MapFacts } from './facts'

/** A map as `bpftool -j -f map show` prints it. */
export function bpftoolMap(map: MapFacts): Readonly<Record<string, unknown>> {
  const { memlockBytes, ownerProgType, ownerJited } = map
  return {
    id: map.id,
    type: map.type,
    ...(map.name && { name: map.name }),
    flags: map.flags,
    bytes_key: map.keySize,
    bytes_value: map.valueSize,
    max_entries: map.maxEntries,
    ...(memlockBytes !== null && { bytes_memlock: memlockBytes }),
    ...(ownerProgType !== null && { owner_prog_type: ownerProgType }),
    ...(ownerJited !== null && { owner_jited: ownerJited }),
    frozen: map.frozen ? 1 : 0,
    ...(map.btfId > 0 && { btf_id: map.btfId }),
    ...bpftoolCompany(map),
  }
}

/** Bytes as bpftool prints them in JSON: `["0x01","0xff"]`. */
export function bpftoolBytes(bytes: Uint8Array): string[] {
  return Array.from(bytes, byte => `0x${byte.toString(16).padStart(2, '0')}`)
}
