import { type Btf, BtfError, type TypeId } from '@bpf/btf'
import { readLoadedBtf } from '@bpf/kernel'
import { isSyscallError, type ProgInfo } from '@bpf/sys'
import type { KernelContext } from '../context'
import type { SourceLine } from '../disasm/listing'

/** What the kernel keeps of a program's source. */
export interface LoadedSource {
  readonly btf: Btf
  /** FUNCs by their first slots. */
  readonly functions: ReadonlyMap<number, TypeId>
  /** As the compiler wrote them, in the order of slots. */
  readonly lines: readonly (readonly [slot: number, line: SourceLine])[]
}

/** Undefined where the program came without, and without CAP_SYS_ADMIN, which BTF by id takes. */
export function readLoadedSource(context: KernelContext, { btfId, sourceInfo }: ProgInfo): LoadedSource | undefined {
  const btf = readBtf(context, btfId)
  if (btf === undefined || sourceInfo === undefined) return undefined
  const { funcInfo, funcInfoRecSize, lineInfo, lineInfoRecSize } = sourceInfo
  return {
    btf,
    functions: new Map(recordsOf(funcInfo, funcInfoRecSize).map(functionRecord)),
    lines: recordsOf(lineInfo, lineInfoRecSize).map(record => lineRecord(btf, record)),
  }
}

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
function functionRecord(record: DataView): readonly [slot: number, type: TypeId] {
  return [record.getUint32(0, true), record.getUint32(4, true) as TypeId]
}

/** `struct bpf_line_info { __u32 insn_off; __u32 file_name_off; __u32 line_off; __u32 line_col; }` */
function lineRecord(btf: Btf, record: DataView): readonly [slot: number, line: SourceLine] {
  const lineAndColumn = record.getUint32(12, true)
  return [
    record.getUint32(0, true),
    {
      text: btf.string(record.getUint32(8, true)),
      file: btf.string(record.getUint32(4, true)),
      line: lineAndColumn >>> 10,
      column: lineAndColumn & 0x3ff,
    },
  ]
}

function recordsOf(bytes: Uint8Array, size: number): DataView[] {
  if (size === 0) return []
  return Array.from(
    { length: Math.floor(bytes.byteLength / size) },
    (_, i) => new DataView(bytes.buffer, bytes.byteOffset + i * size, size),
  )
}
