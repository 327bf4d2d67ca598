import { Cursor, fits } from '@bpf/bytes'
import { type ElfSymbol, SymbolType } from '@bpf/elf'
import { ObjectError } from '../object-error'
import type { JumpTableSpec } from '../spec'
import { contentsOf, type ObjectFile, type ObjectSection, sectionsWithRole } from './object-file'

const ENTRY_SIZE = 8

/** The tables of `.jumptables`, by offset. @throws ObjectError, ElfError */
export function readJumpTables(file: ObjectFile): JumpTableSpec[] {
  const [section] = sectionsWithRole(file, 'jumpTables')
  if (section === undefined) return []
  const bytes = contentsOf(file, section)
  let end = 0
  return section.symbols
    .filter(({ type }) => type === SymbolType.Object)
    .map(symbol => {
      const table = readTable(bytes, section, symbol, file.littleEndian)
      // Tables that share bytes would multiply the file.
      if (table.offset < end) throw tableError(section, symbol, 'it overlaps the table before it')
      end = table.offset + table.entries.length * ENTRY_SIZE
      return table
    })
}

function readTable(bytes: Uint8Array, section: ObjectSection, symbol: ElfSymbol, littleEndian: boolean): JumpTableSpec {
  const offset = Number(symbol.value)
  const size = Number(symbol.size)
  if (!fits(offset, size, bytes.length)) throw tableError(section, symbol, 'it is past the end of the section')
  if (size === 0 || size % ENTRY_SIZE !== 0) throw tableError(section, symbol, `${size} bytes are no whole number of entries`)
  const c = new Cursor(bytes.subarray(offset, offset + size), { littleEndian, context: `jump table "${symbol.name}"` })
  return { name: symbol.name, offset, entries: Array.from({ length: size / ENTRY_SIZE }, () => c.u64()) }
}

function tableError({ name: section }: ObjectSection, { name: symbol, value }: ElfSymbol, cause: string): ObjectError {
  return new ObjectError('ERR_BPF_OBJECT_JUMP_TABLE', `jump table "${symbol}": ${cause}`, { section, offset: Number(value), symbol })
}
