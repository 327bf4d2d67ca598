import type { MapPlan } from '@bpf/object'
import { type AddressRange, MapMemory, type Mapping, MapType, mapMemory, type OwnedFd, Prot, type Sys, takenMemory } from '@bpf/sys'

/** Addresses that programs seldom use: from 16 TiB on, 4 GiB apart, since an arena must not cross such a boundary. */
const firstPlace = 1n << 44n
const placeSize = 1n << 32n
const places = 4096
const attempts = 4

/**
 * An arena with an address, unless its definition gives one. Whoever maps it later, perhaps another process that takes it over,
 * must map it where it was mapped first, and can learn that from nothing but the map. Unchanged where no address can be had.
 */
export function placeArena(sys: Sys, plan: MapPlan): MapPlan {
  if (plan.type !== MapType.Arena || plan.mapExtra !== 0n) return plan
  const memory = takenMemory(sys).filter(({ end }) => end >> 63n === 0n)
  for (let attempt = 0; attempt < attempts; attempt++) {
    const address = firstPlace + BigInt(Math.floor(Math.random() * places)) * placeSize
    if (isFree(memory, address, arenaSize(sys, plan))) return { ...plan, mapExtra: address }
  }
  return plan
}

/** The verifier wants to know an arena's address in user space, so it is mapped before programs are loaded. @throws SyscallError */
export function mapArena(sys: Sys, plan: MapPlan, fd: OwnedFd): Mapping {
  const flags = plan.mapExtra === 0n ? MapMemory.Shared : MapMemory.Shared | MapMemory.FixedNoreplace
  const options = { fd: fd.fd, length: arenaSize(sys, plan), prot: Prot.Read | Prot.Write, flags, address: plan.mapExtra }
  const memory = mapMemory(sys, options)
  if (plan.contents !== undefined) new Uint8Array(memory.buffer, plan.contentsOffset, plan.contents.byteLength).set(plan.contents)
  return memory
}

/** Whether nothing of this process is there, and user space reaches that far. */
function isFree(memory: readonly AddressRange[], address: bigint, length: number): boolean {
  const end = address + BigInt(length)
  return memory.some(range => range.start >= end) && memory.every(range => range.end <= address || range.start >= end)
}

function arenaSize(sys: Sys, { maxEntries }: MapPlan): number {
  return maxEntries * sys.native.pageSize
}
