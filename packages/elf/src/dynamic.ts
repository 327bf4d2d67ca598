import { Cursor, fits } from '@bpf/bytes'
import { SectionType, SegmentType } from './constants'
import { ElfError } from './errors'
import { RecordSize } from './header'
import { sectionData } from './section-data'
import type { ElfFile } from './types'

/** `d_tag`: those that lead to symbols and their versions. */
export const DynamicTag = {
  Null: 0,
  Needed: 1,
  Hash: 4,
  Strtab: 5,
  Symtab: 6,
  StringsSize: 10,
  SymbolSize: 11,
  Soname: 14,
  GnuHash: 0x6ffffef5,
  Versym: 0x6ffffff0,
  Verdef: 0x6ffffffc,
  VerdefCount: 0x6ffffffd,
  Verneed: 0x6ffffffe,
  VerneedCount: 0x6fffffff,
} as const

/** One entry of the dynamic section (`Elf64_Dyn`). */
export interface DynamicEntry {
  /** `DynamicTag`. */
  readonly tag: number
  /** A number or an address, depending on the tag. */
  readonly value: bigint
}

/** What the dynamic linker is told, without the closing NULL entry; empty for static files. @throws ElfError */
export function readDynamic(elf: ElfFile): DynamicEntry[] {
  const bytes = dynamicBytes(elf)
  const c = new Cursor(bytes, { littleEndian: elf.header.littleEndian, context: 'dynamic section' })
  const entries: DynamicEntry[] = []
  while (c.remaining >= RecordSize.Dynamic) {
    const tag = Number(c.u64())
    const value = c.u64()
    if (tag === DynamicTag.Null) break
    entries.push({ tag, value })
  }
  return entries
}

function dynamicBytes(elf: ElfFile): Uint8Array {
  const section = elf.sections.find(({ type }) => type === SectionType.Dynamic)
  if (section !== undefined) return sectionData(elf, section)
  const segment = elf.segments.find(({ type }) => type === SegmentType.Dynamic)
  if (segment === undefined || elf.sections.length > 0) return new Uint8Array()
  const { offset, fileSize } = segment
  if (!fits(offset, fileSize, elf.bytes.length)) {
    throw new ElfError('ERR_BPF_ELF_DYNAMIC', `dynamic segment at 0x${offset.toString(16)} is past the end of the file`, { offset })
  }
  return elf.bytes.subarray(offset, offset + fileSize)
}
