import { decode, formatLikeVerifier, getImm, isPseudoCall, readSlot, SLOT_SIZE, slotsOf } from '@bpf/insn'
import { littleEndian } from '@bpf/sys'
import type { SourceLine } from '../disasm/listing'
import type { LoadedCode } from './loaded-code'
import { withDistances } from './loaded-listing'
import { prototypeOf } from './prototype'

export interface BpftoolCodeOptions {
  readonly opcodes: boolean
  readonly linum: boolean
  /** Names of helpers and kernel functions that are called, by slot. */
  readonly symbols: ReadonlyMap<number, string>
  /** Symbols of the native code of each subprogram. */
  readonly subprograms: readonly string[]
}

/** The instructions of a program as `bpftool -j prog dump xlated` prints them. */
export function bpftoolCode({ code, source }: LoadedCode, options: BpftoolCodeOptions): readonly Readonly<Record<string, unknown>>[] {
  const lines = new Map(source?.lines)
  return decode(withDistances(code), littleEndian).map(({ slot, instruction }) => {
    const type = source?.functions.get(slot)
    const proto = source === undefined || type === undefined ? undefined : prototypeOf(source.btf, type)
    const callee = isPseudoCall(code, slot, littleEndian)
      ? options.subprograms[getImm(code, slot, littleEndian)]
      : options.symbols.get(slot)
    const { opcode } = readSlot(code, slot, littleEndian)
    return {
      ...(proto !== undefined && { proto }),
      ...bpftoolLine(lines.get(slot), options.linum),
      disasm: `(${opcode.toString(16).padStart(2, '0')}) ${formatLikeVerifier(instruction, callee)}`,
      ...(options.opcodes && { opcodes: bpftoolOpcodes(code, slot, slotsOf(instruction)) }),
    }
  })
}

function bpftoolLine(line: SourceLine | undefined, linum: boolean): Readonly<Record<string, unknown>> {
  if (line === undefined) return {}
  const place = { file: line.file, ...(line.line > 0 && { line_num: line.line }), ...(line.column > 0 && { line_col: line.column }) }
  return { src: line.text.trimStart(), ...(linum && place) }
}

function bpftoolOpcodes(code: Uint8Array, slot: number, slots: number): Readonly<Record<string, unknown>> {
  const { opcode, src, dst } = readSlot(code, slot, littleEndian)
  const bytes = Array.from(code.subarray(slot * SLOT_SIZE, (slot + slots) * SLOT_SIZE), byte => `0x${byte.toString(16).padStart(2, '0')}`)
  return {
    code: `0x${opcode.toString(16).padStart(2, '0')}`,
    src_reg: `0x${src.toString(16)}`,
    dst_reg: `0x${dst.toString(16)}`,
    off: bytes.slice(2, 4),
    imm: bytes.slice(4),
  }
}
