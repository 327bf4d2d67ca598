import { Cursor, decodeCString } from '@bpf/bytes'
import { ElfError } from './errors'
import { sectionByName, sectionData } from './section-data'
import type { ElfFile } from './types'

/** Names the separate file that holds the symbols and debug information of a stripped one. */
export interface DebugLink {
  /** Without directory; searched beside the file, in `.debug/` there, and under `/usr/lib/debug`. */
  readonly fileName: string
  /** `crc32` of that whole file. */
  readonly crc32: number
}

/** Reads `.gnu_debuglink`; undefined without one. @throws ElfError */
export function readDebugLink(elf: ElfFile): DebugLink | undefined {
  const section = sectionByName(elf, '.gnu_debuglink')
  if (section === undefined) return undefined
  const data = sectionData(elf, section)
  const nameEnd = data.indexOf(0)
  const checksumAt = Math.ceil((nameEnd + 1) / 4) * 4
  if (nameEnd === -1 || checksumAt + 4 > data.length) {
    throw new ElfError('ERR_BPF_ELF_SECTION', '.gnu_debuglink holds no file name with a checksum', {
      section: section.name,
      offset: section.offset,
    })
  }
  const c = new Cursor(data, { littleEndian: elf.header.littleEndian, context: section.name }).seek(checksumAt)
  return { fileName: decodeCString(data), crc32: c.u32() }
}
