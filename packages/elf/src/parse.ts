import { plainBytes } from '@bpf/bytes'
import { parseHeader } from './header'
import { parseSections } from './section-table'
import { parseSegments } from './segment-table'
import type { ElfFile } from './types'

/**
 * Parses the headers of an ELF64 file of either byte order.
 *
 * Reads the file header, the section and program headers and the section names, nothing else; the result shares memory
 * with `input`, which must not change while it is in use. Whether a section's contents lie within the file is checked
 * when they are asked for.
 * @throws ElfError, UnsafeIntegerError
 */
export function parseElf(input: Uint8Array): ElfFile {
  const bytes = plainBytes(input)
  const { header, tables } = parseHeader(bytes)
  const sections = parseSections(bytes, header.littleEndian, tables)
  const segments = parseSegments(bytes, header.littleEndian, tables, sections)
  return { bytes, header, sections, segments }
}
