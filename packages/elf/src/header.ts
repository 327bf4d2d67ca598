import { Cursor } from '@bpf/bytes'
import { cutShort, ElfError } from './errors'
import { identify } from './identify'
import type { ElfHeader } from './types'

/** Sizes of the fixed records of ELF64, in bytes. */
export const RecordSize = {
  FileHeader: 64,
  SectionHeader: 64,
  ProgramHeader: 56,
  Symbol: 24,
  Rel: 16,
  Rela: 24,
  Dynamic: 16,
  CompressionHeader: 24,
} as const

const identSize = 16
const magic = [0x7f, 0x45, 0x4c, 0x46]
const class32 = 1
const class64 = 2
const littleEndianData = 1
const bigEndianData = 2
const currentVersion = 1

/** Where the header says that the tables are; counts may still be escaped (see `section-table.ts`). */
export interface TableLocations {
  readonly sectionOffset: number
  readonly sectionEntrySize: number
  readonly sectionCount: number
  readonly sectionNamesIndex: number
  readonly segmentOffset: number
  readonly segmentEntrySize: number
  readonly segmentCount: number
}

/** Reads the file header (`Elf64_Ehdr`). @throws ElfError */
export function parseHeader(bytes: Uint8Array): { readonly header: ElfHeader; readonly tables: TableLocations } {
  if (!magic.every((byte, i) => bytes[i] === byte)) throw notElf(bytes)
  if (bytes.length < identSize) throw truncated(bytes)
  const littleEndian = parseIdent(bytes)
  if (bytes.length < RecordSize.FileHeader) throw truncated(bytes)

  const c = new Cursor(bytes, { littleEndian, context: 'ELF header' }).seek(identSize)
  const type = c.u16()
  const machine = c.u16()
  c.skip(4)
  const entry = c.u64()
  const segmentOffset = c.size64()
  const sectionOffset = c.size64()
  const flags = c.u32()
  c.skip(2)
  const segmentEntrySize = c.u16()
  const segmentCount = c.u16()
  const sectionEntrySize = c.u16()
  const sectionCount = c.u16()
  const sectionNamesIndex = c.u16()
  return {
    header: { littleEndian, osAbi: bytes[7] ?? 0, type, machine, entry, flags },
    tables: { sectionOffset, sectionEntrySize, sectionCount, sectionNamesIndex, segmentOffset, segmentEntrySize, segmentCount },
  }
}

/** Checks class, byte order and version; says whether the file is little-endian. */
function parseIdent(bytes: Uint8Array): boolean {
  const [elfClass, data, version] = bytes.subarray(4, 7)
  if (elfClass === class32) {
    throw new ElfError('ERR_BPF_ELF_CLASS', '32-bit ELF file: only ELF64 is supported', {
      offset: 4,
      hint: 'BPF objects are always ELF64: compile with -target bpf.',
    })
  }
  if (elfClass !== class64) throw new ElfError('ERR_BPF_ELF_HEADER', `unknown ELF class ${elfClass}`, { offset: 4 })
  if (data !== littleEndianData && data !== bigEndianData) {
    throw new ElfError('ERR_BPF_ELF_HEADER', `unknown ELF data encoding ${data}`, { offset: 5 })
  }
  if (version !== currentVersion) throw new ElfError('ERR_BPF_ELF_HEADER', `unknown ELF version ${version}`, { offset: 6 })
  return data === littleEndianData
}

function notElf(bytes: Uint8Array): ElfError {
  const what = identify(bytes)
  return new ElfError('ERR_BPF_NOT_ELF', what === undefined ? 'not an ELF file' : `not an ELF file but ${what}`, { offset: 0 })
}

function truncated(bytes: Uint8Array): ElfError {
  const message = `ELF header is ${RecordSize.FileHeader} bytes, the file has only ${bytes.length}`
  return new ElfError('ERR_BPF_ELF_HEADER', message, { offset: bytes.length, hint: cutShort })
}
