import { ByteWriter } from '@bpf/bytes'
import { ElfMachine, ElfType, SectionType } from './constants'
import { RecordSize } from './header'

/** For tests: writes ELF64 files of any shape, also of shapes that no compiler makes. */

export interface SectionInput {
  readonly name?: string
  readonly type: number
  readonly flags?: number
  readonly address?: bigint
  readonly data?: Uint8Array
  /** Default: the length of `data`. */
  readonly size?: number
  readonly link?: number
  readonly info?: number
  readonly alignment?: number
  readonly entrySize?: number
}

export interface SegmentInput {
  readonly type: number
  readonly flags?: number
  readonly offset: number
  readonly virtualAddress?: bigint
  readonly fileSize: number
}

export interface ElfInput {
  readonly littleEndian?: boolean
  readonly type?: number
  readonly machine?: number
  /** Those after the null section and before `.shstrtab`, which are added. */
  readonly sections?: readonly SectionInput[]
  readonly segments?: readonly SegmentInput[]
  /** Put the counts into section 0, as files with 0xff00 sections or more must; by default only those do. */
  readonly extendedNumbering?: boolean
}

/** Layout: header, section contents, section names, program headers, section headers. */
export function buildElf(input: ElfInput): Uint8Array {
  const { littleEndian = true, sections: inputs = [], segments = [] } = input
  const w = new ByteWriter({ littleEndian, capacity: 4096 })
  for (let i = 0; i < RecordSize.FileHeader; i++) w.u8(0)
  const names = new StringsInput()
  const placed = [...inputs, { name: '.shstrtab', type: SectionType.Strtab }].map(section => {
    const name = names.add(section.name ?? '')
    const data = section.name === '.shstrtab' && section.data === undefined ? names.toBytes() : (section.data ?? new Uint8Array())
    const offset = w.align(section.alignment ?? 1).length
    w.bytes(data)
    return { ...section, nameOffset: name, offset, size: section.size ?? data.length }
  })
  const segmentOffset = w.align(8).length
  for (const segment of segments) writeSegment(w, segment)
  const sectionOffset = w.align(8).length
  const count = placed.length + 1
  const extended = input.extendedNumbering ?? count >= 0xff00
  writeSection(w, {
    type: 0,
    offset: 0,
    nameOffset: 0,
    ...(extended ? { size: count, link: count - 1, info: segments.length } : { size: 0 }),
  })
  for (const section of placed) writeSection(w, section)

  const bytes = w.toBytes()
  const header = new ByteWriter({ littleEndian, capacity: RecordSize.FileHeader })
  header.bytes(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, littleEndian ? 1 : 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0))
  header
    .u16(input.type ?? ElfType.Relocatable)
    .u16(input.machine ?? ElfMachine.Bpf)
    .u32(1)
    .u64(0n)
  header
    .u64(segments.length > 0 ? BigInt(segmentOffset) : 0n)
    .u64(BigInt(sectionOffset))
    .u32(0)
  header
    .u16(RecordSize.FileHeader)
    .u16(RecordSize.ProgramHeader)
    .u16(extended && segments.length > 0 ? 0xffff : segments.length)
  header
    .u16(RecordSize.SectionHeader)
    .u16(extended ? 0 : count)
    .u16(extended ? 0xffff : count - 1)
  bytes.set(header.toBytes())
  return bytes
}

function writeSection(
  w: ByteWriter,
  section: SectionInput & { readonly offset: number; readonly size: number; readonly nameOffset: number },
) {
  const { flags = 0, address = 0n, link = 0, info = 0, alignment = 1, entrySize = 0 } = section
  w.u32(section.nameOffset).u32(section.type).u64(BigInt(flags)).u64(address).u64(BigInt(section.offset)).u64(BigInt(section.size))
  w.u32(link).u32(info).u64(BigInt(alignment)).u64(BigInt(entrySize))
}

function writeSegment(w: ByteWriter, { type, flags = 4, offset, virtualAddress = 0n, fileSize }: SegmentInput) {
  w.u32(type).u32(flags).u64(BigInt(offset)).u64(virtualAddress).u64(virtualAddress).u64(BigInt(fileSize)).u64(BigInt(fileSize)).u64(1n)
}

export interface SymbolInput {
  /** Offset in the string table. */
  readonly name?: number
  readonly type?: number
  readonly binding?: number
  readonly visibility?: number
  /** As in the file: 0xffff escapes. */
  readonly sectionIndex?: number
  readonly value?: bigint
  readonly size?: bigint
}

/** A symbol table without its null symbol. */
export function buildSymbols(symbols: readonly SymbolInput[], littleEndian = true): Uint8Array {
  const w = new ByteWriter({ littleEndian, capacity: symbols.length * RecordSize.Symbol })
  for (const { name = 0, type = 0, binding = 0, visibility = 0, sectionIndex = 0, value = 0n, size = 0n } of symbols) {
    w.u32(name)
      .u8((binding << 4) | type)
      .u8(visibility)
      .u16(sectionIndex)
      .u64(value)
      .u64(size)
  }
  return w.toBytes()
}

/** Bytes of integers, one after the other: numbers are 32 bits, bigints 64, texts end with a NUL. */
export function pack(littleEndian: boolean, ...values: readonly (number | bigint | string)[]): Uint8Array {
  const w = new ByteWriter({ littleEndian })
  for (const value of values) {
    if (typeof value === 'number') w.u32(value)
    else if (typeof value === 'bigint') w.u64(value)
    else w.bytes(new TextEncoder().encode(`${value}\0`))
  }
  return w.toBytes()
}

/** A string table as it grows. */
class StringsInput {
  readonly #offsets = new Map<string, number>()
  readonly #w = new ByteWriter({ littleEndian: true })

  constructor() {
    this.add('')
  }

  add(text: string): number {
    const offset = this.#offsets.get(text) ?? this.#w.length
    if (!this.#offsets.has(text)) this.#w.bytes(new TextEncoder().encode(`${text}\0`))
    this.#offsets.set(text, offset)
    return offset
  }

  toBytes(): Uint8Array {
    return this.#w.toBytes()
  }
}
