import { Cursor, decodeCString, fits } from '@bpf/bytes'
import { SectionType, SegmentType } from './constants'
import { ElfError } from './errors'
import { describe, sectionData } from './section-data'
import type { ElfFile, ElfSection, ElfSegment } from './types'

export interface ElfNote {
  /** Who defined the note's type: `GNU`, `stapsdt`, `Go`, … */
  readonly name: string
  /** Meaningful together with `name` only. */
  readonly type: number
  /** Shares memory with the file. */
  readonly descriptor: Uint8Array
  /** Where the descriptor is in the file, in bytes. */
  readonly offset: number
  /** The section that holds it; undefined when it was found through a segment. */
  readonly section: string | undefined
}

/** `n_type` of notes named `GNU` (elf.h). */
export const GnuNoteType = { AbiTag: 1, BuildId: 3, Property: 5 } as const

const noteHeaderSize = 12

/** A range of notes: the contents of a section or segment. */
interface NoteArea {
  readonly bytes: Uint8Array
  readonly offset: number
  /** 4, or 8 for `.note.gnu.property`; what name and descriptor are padded to. */
  readonly alignment: number
  readonly section: string | undefined
}

/**
 * The notes of one section, or of all NOTE sections, or of the NOTE segments if the file has no sections.
 *
 * They are read one by one as the caller asks for the next.
 * @throws ElfError while iterating
 */
export function* readNotes(elf: ElfFile, section?: ElfSection): IterableIterator<ElfNote> {
  for (const area of noteAreas(elf, section)) yield* notesIn(area, elf.header.littleEndian)
}

/** The build id that links a file to its debug information: usually 20 bytes. @throws ElfError */
export function buildId(elf: ElfFile): Uint8Array | undefined {
  for (const { name, type, descriptor } of readNotes(elf)) {
    if (name === 'GNU' && type === GnuNoteType.BuildId) return descriptor
  }
  return undefined
}

function* noteAreas(elf: ElfFile, only: ElfSection | undefined): IterableIterator<NoteArea> {
  if (only === undefined && elf.sections.length === 0) {
    for (const segment of elf.segments) if (segment.type === SegmentType.Note) yield segmentArea(elf, segment)
    return
  }
  for (const section of only === undefined ? elf.sections : [only]) {
    if (section.type === SectionType.Note) yield sectionArea(elf, section)
  }
}

function sectionArea(elf: ElfFile, section: ElfSection): NoteArea {
  const { offset, alignment } = section
  return { bytes: sectionData(elf, section), offset, alignment: alignment === 8 ? 8 : 4, section: describe(section) }
}

function segmentArea({ bytes }: ElfFile, { offset, fileSize, alignment }: ElfSegment): NoteArea {
  if (!fits(offset, fileSize, bytes.length)) {
    throw new ElfError('ERR_BPF_ELF_NOTE', `note segment at 0x${offset.toString(16)} is past the end of the file`, { offset })
  }
  return { bytes: bytes.subarray(offset, offset + fileSize), offset, alignment: alignment === 8n ? 8 : 4, section: undefined }
}

function* notesIn({ bytes, offset, alignment, section }: NoteArea, littleEndian: boolean): IterableIterator<ElfNote> {
  const context = section ?? 'note segment'
  const c = new Cursor(bytes, { littleEndian, context })
  while (c.remaining >= noteHeaderSize) {
    const at = c.offset
    const nameSize = c.u32()
    const descriptorSize = c.u32()
    const type = c.u32()
    const descriptorAt = align(c.offset + nameSize, alignment)
    if (!fits(descriptorAt, descriptorSize, bytes.length)) {
      throw new ElfError('ERR_BPF_ELF_NOTE', `${context}: note at 0x${at.toString(16)} is past the end (${bytes.length} bytes)`, {
        section,
        offset: offset + at,
      })
    }
    const name = decodeCString(c.bytes(nameSize))
    const descriptor = bytes.subarray(descriptorAt, descriptorAt + descriptorSize)
    yield { name, type, descriptor, offset: offset + descriptorAt, section }
    // The last note may lack its padding.
    c.seek(Math.min(align(descriptorAt + descriptorSize, alignment), bytes.length))
  }
}

function align(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment
}
