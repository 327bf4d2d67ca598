import type { Column, Io } from '@bpf/terminal'
import { printIndented } from '../objects/print'
import type { LoadDocument, MapRow, ProgramRow } from './document'

/** Maps and programs as tables on stdout. */
export function printLoad({ object, license, maps, programs }: LoadDocument, io: Io): void {
  io.out(`${io.style('bold', object)}  ${io.style('dim', `license ${license || 'none'}`)}`)
  printTable('maps', ['NAME', 'TYPE', 'KEY', 'VALUE', 'MAX', 'FLAGS', 'ID'], maps.map(mapCells), io)
  printTable('programs', programColumns, programs.map(programCells), io)
}

const programColumns: readonly (string | Column)[] = [
  'NAME',
  { title: 'SECTION', keep: 'end' },
  'TYPE',
  { title: 'TAG', keep: 'all', optional: true },
  'INSNS',
  { title: 'XLATED', optional: true },
  { title: 'VERIFIED', optional: true },
  { title: 'ID', keep: 'all' },
]

function printTable(title: string, columns: readonly (string | Column)[], rows: readonly (readonly string[])[], io: Io): void {
  io.out('')
  io.out(io.style('bold', title))
  if (rows.length === 0) io.out('  none')
  else printIndented(columns, rows, io)
}

function mapCells({ name, type, keySize, valueSize, maxEntries, flags, id }: MapRow): string[] {
  return [name, type, String(keySize), String(valueSize), String(maxEntries), flags === 0 ? '-' : `0x${flags.toString(16)}`, cell(id)]
}

function programCells({ name, section, type, tag, insns, xlatedBytes, verifiedInsns, id, error }: ProgramRow): string[] {
  const place = error === null ? cell(id) : error.code === 'ERR_BPF_VERIFIER' ? 'rejected' : 'failed'
  return [name, section, type, tag ?? '-', cell(insns), cell(xlatedBytes), cell(verifiedInsns), place]
}

function cell(value: number | null): string {
  return value === null ? '-' : String(value)
}
