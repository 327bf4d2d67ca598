import { fits } from '@bpf/bytes'
import { type CompressedContents, decompress, type Inflate, parseCompressed } from './compression'
import { SectionFlag, SectionType } from './constants'
import { cutShort, ElfError } from './errors'
import type { ElfFile, ElfSection } from './types'

export interface SectionDataOptions {
  /** Decompresses sections that are compressed; without it their bytes are returned as stored. */
  readonly inflate?: Inflate | undefined
}

/** The first section of that name. */
export function sectionByName(elf: ElfFile, name: string): ElfSection | undefined {
  return elf.sections.find(section => section.name === name)
}

/**
 * The contents, sharing memory with the file, unless `inflate` had to make them.
 *
 * Empty for NOBITS sections, whose `size` is that of memory.
 * @throws ElfError if they do not lie within the file, or do not decompress
 */
export function sectionData(elf: ElfFile, section: ElfSection, options: SectionDataOptions = {}): Uint8Array {
  const compressed = options.inflate && compressedContents(elf, section)
  if (options.inflate === undefined || compressed === undefined) return storedBytes(elf, section)
  return decompress(compressed, options.inflate, describe(section), section.offset)
}

/** The header and stream of a compressed section, for decompressing it elsewhere; undefined for others. @throws ElfError */
export function compressedContents(elf: ElfFile, section: ElfSection): CompressedContents | undefined {
  if ((section.flags & SectionFlag.Compressed) === 0) return undefined
  return parseCompressed(storedBytes(elf, section), elf.header.littleEndian, describe(section), section.offset)
}

/** For messages: the name, or the index of a nameless section. */
export function describe(section: ElfSection): string {
  return section.name === '' ? `#${section.index}` : section.name
}

function storedBytes(elf: ElfFile, section: ElfSection): Uint8Array {
  if (section.type === SectionType.Nobits || section.type === SectionType.Null) return elf.bytes.subarray(0, 0)
  const { offset, size } = section
  if (!fits(offset, size, elf.bytes.length)) {
    const where = `${size} bytes at 0x${offset.toString(16)}`
    throw new ElfError(
      'ERR_BPF_ELF_SECTION',
      `section ${describe(section)} (${where}) is past the end of the file (${elf.bytes.length} bytes)`,
      { section: section.name, offset, hint: cutShort },
    )
  }
  return elf.bytes.subarray(offset, offset + size)
}
