import { SectionType, SymbolBinding } from '@bpf/elf'
import { encodeElf, type SectionInput } from './encode-elf'
import { linkError } from './link-error'
import { type LinkInput, openInput } from './link-input'
import { mergeBtf } from './merge-btf'
import { mergeRelocations, type OutputRelocation } from './merge-relocations'
import { mergeSections, type OutputSection } from './merge-sections'
import { mergeSymbols, type OutputSymbol } from './merge-symbols'

/** An object file to be linked. */
export interface ObjectFileInput {
  /** Named in errors, e.g. `filter.o`. */
  readonly name: string
  readonly bytes: Uint8Array
}

/** Half of what 16 bits can number without help: a section can have relocations, which are another section. */
const MAX_SECTIONS = 0x7f00

/**
 * Links several BPF objects into one, as `bpftool gen object` does. Functions, variables and maps that one declares and
 * another defines become one, weak definitions give way, sections of one name are put together, types are kept once.
 *
 * What none of them defines stays undefined, so that the result can be linked again.
 * @throws ObjectError if they contradict each other; ElfError, BtfError if one is damaged
 */
export function linkObjects(objects: readonly ObjectFileInput[]): Uint8Array<ArrayBuffer> {
  const inputs = objects.map(({ name, bytes }) => openInput(name, bytes))
  const littleEndian = commonByteOrder(inputs)
  const merged = mergeSections(inputs)
  if (merged.sections.length > MAX_SECTIONS)
    throw linkError('link', `there are ${merged.sections.length} sections, more than ELF can number`)
  const symbols = mergeSymbols(inputs, merged)
  const relocations = mergeRelocations(inputs, merged, symbols)
  const btf = mergeBtf(inputs, merged, symbols, littleEndian)
  const ordered = localsFirst(symbols.symbols)
  const indexOf = new Map(ordered.map((symbol, index) => [symbol, index]))
  const sections = merged.sections.map(section => sectionInput(section, relocations.get(section) ?? [], indexOf))
  return encodeElf({ littleEndian, sections: [...sections, ...btfSections(btf)], symbols: ordered })
}

function commonByteOrder([first, ...others]: readonly LinkInput[]): boolean {
  if (first === undefined) throw linkError('link', 'there is nothing to link')
  const { littleEndian } = first.file
  const other = others.find(({ file }) => file.littleEndian !== littleEndian)
  if (other === undefined) return littleEndian
  throw linkError(other.name, `it is ${littleEndian ? 'big' : 'little'}-endian, ${first.name} is not`)
}

/** ELF wants it so. */
function localsFirst(symbols: readonly OutputSymbol[]): readonly OutputSymbol[] {
  const isLocal = ({ binding }: OutputSymbol) => binding === SymbolBinding.Local
  return [...symbols.filter(isLocal), ...symbols.filter(symbol => !isLocal(symbol))]
}

function sectionInput(
  section: OutputSection,
  relocations: readonly OutputRelocation[],
  indexOf: ReadonlyMap<OutputSymbol, number>,
): SectionInput {
  return { ...section, relocations: relocations.map(({ offset, type, symbol }) => ({ offset, type, symbol: indexOf.get(symbol) ?? 0 })) }
}

function btfSections(btf: ReturnType<typeof mergeBtf>): SectionInput[] {
  const section = (name: string, bytes: Uint8Array): SectionInput => ({ name, type: SectionType.Progbits, flags: 0, alignment: 8, bytes })
  if (btf === undefined) return []
  return [section('.BTF', btf.btf), ...(btf.ext === undefined ? [] : [section('.BTF.ext', btf.ext)])]
}
