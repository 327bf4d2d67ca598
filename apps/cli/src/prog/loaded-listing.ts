import { toHex } from '@bpf/bytes'
import {
  getImm,
  getOff,
  getOpcode,
  getSrc,
  isHelperCall,
  isKfuncCall,
  isLdImm64,
  isPseudoCall,
  PseudoSource,
  setImm,
  setOff,
  slotCount,
  slotsAt,
} from '@bpf/insn'
import { getMapInfo, littleEndian, ProgType, snakeName, tryOpenById } from '@bpf/sys'
import type { KernelContext } from '../context'
import { type Listing, sourceOf } from '../disasm/listing'
import type { LoadedCode } from './loaded-code'

/** The number in it is a map's id. */
const mapSources: ReadonlySet<number> = new Set([PseudoSource.MAP_FD, PseudoSource.MAP_VALUE])

/** A program of the kernel as a listing, with the names of what it refers to. */
export function loadedListing(context: KernelContext, { info, code, source }: LoadedCode): Listing {
  const functions = new Map(Array.from(source?.functions ?? [], ([slot, type]) => [slot, source?.btf.nameOf(type) ?? '']))
  return {
    name: functions.get(0) ?? (info.name || toHex(info.tag)),
    section: snakeName(ProgType, info.type),
    code: withDistances(code),
    littleEndian,
    functions,
    notes: new Map([...mapNotes(context, code), ...calledSymbols(context, code)]),
    source: sourceOf(source?.lines ?? []),
  }
}

/** The JIT leaves the number of the called subprogram in `imm`, and moves the distance to `off`; here it is as compiled. */
export function withDistances(code: Uint8Array): Uint8Array {
  const compiled = code.slice()
  for (const slot of instructionSlots(code)) {
    const distance = getOff(code, slot, littleEndian)
    if (!isPseudoCall(code, slot, littleEndian) || distance === 0) continue
    setOff(compiled, slot, 0, littleEndian)
    setImm(compiled, slot, distance, littleEndian)
  }
  return compiled
}

/** The kernel puts distances from a symbol where helpers and its functions are called: their names by slot. */
export function calledSymbols({ kernel }: KernelContext, code: Uint8Array): ReadonlyMap<number, string> {
  const kallsyms = kernel.kallsyms()
  const callBase = kallsyms.address('__bpf_call_base')
  const names = new Map<number, string>()
  if (typeof callBase !== 'bigint') return names
  for (const slot of instructionSlots(code)) {
    if (!isHelperCall(code, slot, littleEndian) && !isKfuncCall(code, slot, littleEndian)) continue
    const distance = getImm(code, slot, littleEndian)
    const found = distance === 0 ? undefined : kallsyms.symbolAt(BigInt.asUintN(64, callBase + BigInt(distance)))
    if (found?.offset === 0) names.set(slot, found.symbol.name)
  }
  return names
}

/** The kernel puts map ids where descriptors were. */
function mapNotes(context: KernelContext, code: Uint8Array): ReadonlyMap<number, string> {
  const notes = new Map<number, string>()
  for (const slot of instructionSlots(code)) {
    if (!isLdImm64(getOpcode(code, slot)) || !mapSources.has(getSrc(code, slot, littleEndian))) continue
    notes.set(slot, mapNote(context, getImm(code, slot, littleEndian)))
  }
  return notes
}

function mapNote({ sys }: KernelContext, id: number): string {
  using map = tryOpenById(sys, 'map', id)
  return map === undefined ? `map ${id}` : `map ${id} ${getMapInfo(sys, map.fd).name}`.trimEnd()
}

function* instructionSlots(code: Uint8Array): Generator<number> {
  for (let slot = 0; slot < slotCount(code); slot += slotsAt(code, slot)) yield slot
}
