import { SectionFlag, SectionIndex, SectionType, SymbolBinding, SymbolType, SymbolVisibility } from '@bpf/elf'
import { assemble } from '@bpf/insn'
import { encodeElf, type SectionInput, type SymbolInput } from '../link-objects/encode-elf'

/** A section of an object made in a test. */
export interface TestSection {
  readonly bytes?: Uint8Array
  /** Bytes of a section that has none in the file. */
  readonly size?: number
  readonly flags?: number
  readonly type?: number
  /** By symbol name; `{}` stands for the null symbol. */
  readonly relocations?: readonly { readonly at: number; readonly symbol: string; readonly type?: number }[]
}

export interface TestSymbol {
  readonly name: string
  /** Name of the section; undefined = defined elsewhere. */
  readonly section?: string
  readonly sectionIndex?: number
  readonly value?: number
  readonly size?: number
  readonly type?: number
  readonly binding?: number
  readonly visibility?: number
}

export interface TestObject {
  readonly littleEndian?: boolean
  readonly machine?: number
  readonly type?: number
  /** By name, in order. */
  readonly sections: Readonly<Record<string, TestSection>>
  readonly symbols?: readonly TestSymbol[]
  readonly btf?: Uint8Array
}

/** The bytes of an object file. */
export function buildObject({ sections, symbols = [], btf, ...rest }: TestObject): Uint8Array {
  const withBtf = btf === undefined ? sections : { ...sections, '.BTF': { bytes: btf } }
  const names = Object.keys(withBtf)
  // Local symbols come first in ELF.
  const ordered = symbols.toSorted((a, b) => Number((a.binding ?? 1) > 0) - Number((b.binding ?? 1) > 0))
  const indexOf = new Map(ordered.map(({ name }, index) => [name, index]))
  return encodeElf({
    littleEndian: true,
    ...rest,
    sections: Object.entries(withBtf).map(([name, section]) => sectionInput(name, section, indexOf)),
    symbols: ordered.map(symbol => symbolInput(symbol, names)),
  })
}

function sectionInput(name: string, section: TestSection, indexOf: ReadonlyMap<string, number>): SectionInput {
  const { bytes, size = 0, flags = SectionFlag.Alloc | SectionFlag.Write, relocations = [] } = section
  return {
    name,
    type: section.type ?? (bytes === undefined ? SectionType.Nobits : SectionType.Progbits),
    flags,
    alignment: 8,
    bytes,
    size,
    relocations: relocations.map(({ at, symbol, type = 1 }) => ({ offset: at, symbol: indexOf.get(symbol) ?? 0xffff, type })),
  }
}

function symbolInput(symbol: TestSymbol, sections: readonly string[]): SymbolInput {
  const { name, section, value = 0, size = 0, type = SymbolType.None, binding = SymbolBinding.Global } = symbol
  const sectionIndex = symbol.sectionIndex ?? (section === undefined ? SectionIndex.Undefined : sections.indexOf(section) + 1)
  const visibility = symbol.visibility ?? SymbolVisibility.Default
  return { name, value: BigInt(value), size: BigInt(size), type, binding, visibility, sectionIndex }
}

/** A code section in clang's syntax; `r1 = name ll` and `call name` become relocations. */
export function code(source: string, littleEndian = true): TestSection {
  const { code: bytes, references } = assemble(source, { littleEndian, externs: true })
  const relocations = references.map(({ slot, symbol, kind }) => ({ at: slot * 8, symbol, type: kind === 'call' ? 10 : 1 }))
  return { bytes, flags: SectionFlag.Alloc | SectionFlag.ExecInstr, relocations }
}

/** A global function. */
export function func(name: string, section: string, value: number, size: number): TestSymbol {
  return { name, section, value, size, type: SymbolType.Function }
}

/** A global variable. */
export function object(name: string, section: string, value: number, size: number): TestSymbol {
  return { name, section, value, size, type: SymbolType.Object }
}

/** Little-endian 32-bit numbers. */
export function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value, true)
  return bytes
}
