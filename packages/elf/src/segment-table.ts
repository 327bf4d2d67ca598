import { Cursor, fits } from '@bpf/bytes'
import { cutShort, ElfError } from './errors'
import { RecordSize, type TableLocations } from './header'
import { escapedSegmentCount } from './section-table'
import type { ElfSection, ElfSegment } from './types'

/** Reads the program headers (`Elf64_Phdr`). @throws ElfError, UnsafeIntegerError */
export function parseSegments(
  bytes: Uint8Array,
  littleEndian: boolean,
  tables: TableLocations,
  sections: readonly ElfSection[],
): ElfSegment[] {
  const { segmentOffset: offset, segmentEntrySize: entrySize } = tables
  const count = escapedSegmentCount(sections, tables.segmentCount)
  if (offset === 0 || count === 0) return []
  if (entrySize !== RecordSize.ProgramHeader) {
    throw new ElfError('ERR_BPF_ELF_SEGMENT', `program headers of ${entrySize} bytes, must be ${RecordSize.ProgramHeader}`, { offset })
  }
  if (!fits(offset, count * RecordSize.ProgramHeader, bytes.length)) {
    throw new ElfError(
      'ERR_BPF_ELF_SEGMENT',
      `${count} program headers at 0x${offset.toString(16)} are past the end of the file (${bytes.length} bytes)`,
      { offset, hint: cutShort },
    )
  }
  const c = new Cursor(bytes, { littleEndian, context: 'program headers' }).seek(offset)
  return Array.from({ length: count }, () => segment(c))
}

function segment(c: Cursor): ElfSegment {
  const type = c.u32()
  const flags = c.u32()
  const offset = c.size64()
  const virtualAddress = c.u64()
  c.skip(8) // the physical address
  return { type, flags, offset, virtualAddress, fileSize: c.size64(), memorySize: c.u64(), alignment: c.u64() }
}
