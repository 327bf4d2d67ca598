import type { Io } from '@bpf/terminal'
import { formatTable } from '@bpf/terminal'
import type { LoadDocument, MapRow, ProgramRow } from './document'

/** Maps and programs as tables on stdout. */
export function printLoad({ object, license, maps, programs }: LoadDocument, io: Io): void {
  io.out(`${io.style('bold', object)}  ${io.style('dim', `license ${license || 'none'}`)}`)
  printTable('maps', ['NAME', 'TYPE', 'KEY', 'VALUE', 'MAX', 'FLAGS', 'ID'], maps.map(mapCells), io)
  const programHeader = ['NAME', 'SECTION', 'TYPE', 'TAG', 'INSNS', 'XLATED', 'VERIFIED', 'ID']
  printTable('programs', programHeader, programs.map(programCells), io)
}

function printTable(title: string, header: readonly string[], rows: readonly (readonly string[])[], io: Io): void {
  io.out('')
  io.out(io.style('bold', title))
  if (rows.length === 0) io.out('  none')
  else for (const line of formatTable(header, rows)) io.out(`  ${line}`)
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
