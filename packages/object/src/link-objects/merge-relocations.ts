import { fits } from '@bpf/bytes'
import { BpfRelocationType, type ElfRelocation, readRelocations, SectionType, SymbolType } from '@bpf/elf'
import { getImm, getOpcode, isCall, SLOT_SIZE, setImm } from '@bpf/insn'
import { type ObjectSection, sectionOf } from '../read/object-file'
import { blaming, linkError } from './link-error'
import type { LinkInput } from './link-input'
import { isCode, type MergedSections, type OutputSection, type Placement } from './merge-sections'
import type { MergedSymbols, OutputSymbol } from './merge-symbols'

/** A relocation of the output. */
export interface OutputRelocation {
  readonly offset: number
  readonly type: number
  readonly symbol: OutputSymbol
}

const { R_BPF_64_64, R_BPF_64_ABS64, R_BPF_64_ABS32, R_BPF_64_32 } = BpfRelocationType
const knownTypes: ReadonlySet<number> = new Set([R_BPF_64_64, R_BPF_64_ABS64, R_BPF_64_ABS32, R_BPF_64_32])

/**
 * The relocations of each output section. Those against a section count from its start, which has moved: what they add is
 * corrected in the output's bytes.
 * @throws ObjectError
 */
export function mergeRelocations(
  inputs: readonly LinkInput[],
  sections: MergedSections,
  symbols: MergedSymbols,
): ReadonlyMap<OutputSection, readonly OutputRelocation[]> {
  const merged = new Map<OutputSection, OutputRelocation[]>()
  for (const input of inputs) {
    for (const { elf } of input.file.sections) {
      const target = elf.type === SectionType.Rel ? input.file.sections[elf.info] : undefined
      const placement = target && sections.placements.get(target)
      if (target === undefined || placement === undefined) continue
      const list = merged.get(placement.output) ?? []
      merged.set(placement.output, list)
      for (const relocation of blaming(input.name, () => readRelocations(input.file.elf, elf))) {
        list.push(moveRelocation(input, target, placement, relocation, sections, symbols))
      }
    }
  }
  return merged
}

function moveRelocation(
  input: LinkInput,
  target: ObjectSection,
  { output, offset: moved }: Placement,
  { offset, type, symbolIndex }: ElfRelocation,
  { placements }: MergedSections,
  { mapped }: MergedSymbols,
): OutputRelocation {
  const fail = (cause: string) =>
    linkError(input.name, `relocation at section ${target.name}+0x${offset.toString(16)}: ${cause}`, { section: target.name, offset })
  if (!knownTypes.has(type)) throw fail(`type ${type} is unknown`)
  if (!fits(offset, sizeOf(type), target.size)) throw fail('it is past the end of the section')
  const original = input.file.symbols[symbolIndex]
  const symbol = mapped.get(input)?.[symbolIndex]
  if (original === undefined || symbol === undefined) throw fail(`symbol ${symbolIndex} does not exist, or its section is not linked`)
  const section = sectionOf(input.file, original)
  const distance = original.type === SymbolType.Section && section ? (placements.get(section)?.offset ?? 0) : 0
  if (distance !== 0) shiftAddend(output, moved + offset, type, distance, input.file.littleEndian)
  return { offset: moved + offset, type, symbol }
}

/** Bytes that the relocation changes; all of an instruction. */
const sizeOf = (type: number): number => (type === R_BPF_64_ABS32 ? 4 : SLOT_SIZE)

function shiftAddend(output: OutputSection, offset: number, type: number, distance: number, littleEndian: boolean): void {
  const { bytes } = output
  if (bytes === undefined) return
  if (isCode(output)) {
    const code = bytes.subarray(offset, offset + SLOT_SIZE)
    setImm(code, 0, getImm(code, 0, littleEndian) + (isCall(getOpcode(code, 0)) ? distance / SLOT_SIZE : distance), littleEndian)
    return
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (type === R_BPF_64_ABS32) view.setUint32(offset, view.getUint32(offset, littleEndian) + distance, littleEndian)
  else view.setBigUint64(offset, view.getBigUint64(offset, littleEndian) + BigInt(distance), littleEndian)
}
