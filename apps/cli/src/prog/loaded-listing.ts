import { type Btf, BtfError } from '@bpf/btf'
import { toHex } from '@bpf/bytes'
import { readLoadedBtf } from '@bpf/kernel'
import { getMapInfo, isSyscallError, type ProgInfo, ProgType, snakeName, tryOpenById } from '@bpf/sys'
import type { KernelContext } from '../context'
import { type Listing, sourceOf } from '../disasm/listing'

const slotSize = 8
const ldImm64 = 0x18
const call = 0x85
/** src_reg: the number is a map, or a place in a map's value (BPF_PSEUDO_MAP_FD, BPF_PSEUDO_MAP_VALUE). */
const mapSources: ReadonlySet<number> = new Set([1, 2])

/** A program of the kernel as a listing: the code after the verifier's rewriting, with the names of what it refers to. */
export function loadedListing(context: KernelContext, info: ProgInfo & { readonly xlated: Uint8Array }, littleEndian: boolean): Listing {
  const btf = readBtf(context, info.btfId)
  const functions = btf === undefined ? new Map<number, string>() : functionsOf(btf, info)
  return {
    name: functions.get(0) ?? (info.name || toHex(info.tag)),
    section: snakeName(ProgType, info.type),
    code: info.xlated,
    littleEndian,
    functions,
    notes: notesOf(context, info.xlated),
    source: btf === undefined ? new Map() : sourceLines(btf, info),
  }
}

/** BTF by id takes CAP_SYS_ADMIN; without it there are no names. */
function readBtf({ sys, kernel }: KernelContext, id: number): Btf | undefined {
  if (id === 0) return undefined
  try {
    return readLoadedBtf(sys, id, () => kernel.vmlinuxBtf())
  } catch (error) {
    if (isSyscallError(error) || error instanceof BtfError) return undefined
    throw error
  }
}

/** `struct bpf_func_info { __u32 insn_off; __u32 type_id; }` */
function functionsOf(btf: Btf, { sourceInfo }: ProgInfo): Map<number, string> {
  if (sourceInfo === undefined) return new Map()
  const records = recordsOf(sourceInfo.funcInfo, sourceInfo.funcInfoRecSize)
  return new Map(records.map(record => [record.getUint32(0, true), btf.nameOf(record.getUint32(4, true))]))
}

/** `struct bpf_line_info { __u32 insn_off; __u32 file_name_off; __u32 line_off; __u32 line_col; }` */
function sourceLines(btf: Btf, { sourceInfo }: ProgInfo): ReadonlyMap<number, string> {
  if (sourceInfo === undefined) return new Map()
  const records = recordsOf(sourceInfo.lineInfo, sourceInfo.lineInfoRecSize)
  return sourceOf(records.map(record => [record.getUint32(0, true), btf.string(record.getUint32(8, true))] as const))
}

function recordsOf(bytes: Uint8Array, size: number): DataView[] {
  if (size === 0) return []
  return Array.from(
    { length: Math.floor(bytes.byteLength / size) },
    (_, i) => new DataView(bytes.buffer, bytes.byteOffset + i * size, size),
  )
}

/** The kernel puts map ids where descriptors were, and distances from a symbol where helpers are called. */
function notesOf(context: KernelContext, code: Uint8Array): Map<number, string> {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength)
  const callBase = context.kernel.kernelSymbol('__bpf_call_base')
  const notes = new Map<number, string>()
  for (let slot = 0; slot < code.byteLength / slotSize; slot++) {
    const offset = slot * slotSize
    const opcode = view.getUint8(offset)
    const source = view.getUint8(offset + 1) >> 4
    const imm = view.getInt32(offset + 4, true)
    if (opcode === ldImm64 && mapSources.has(source)) notes.set(slot, mapNote(context, imm))
    if (opcode === call && source === 0 && imm !== 0 && typeof callBase === 'bigint') {
      const found = context.kernel.kallsyms().symbolAt(BigInt.asUintN(64, callBase + BigInt(imm)))
      if (found !== undefined && found.offset === 0) notes.set(slot, found.symbol.name)
    }
    if (opcode === ldImm64) slot++
  }
  return notes
}

function mapNote({ sys }: KernelContext, id: number): string {
  using map = tryOpenById(sys, 'map', id)
  return map === undefined ? `map ${id}` : `map ${id} ${getMapInfo(sys, map.fd).name}`.trimEnd()
}
