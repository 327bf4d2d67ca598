import type { Column, Io } from '@bpf/terminal'
import { printIndented } from '../objects/print'
import type { ElfDocument } from './elf-document'

export function printElf(
  document: ElfDocument,
  { functions, usdt }: { readonly functions: boolean; readonly usdt: boolean },
  io: Io,
): void {
  const { file, type, machine, byteOrder } = document
  io.out(`${io.style('bold', file)}  ${io.style('dim', `${type} · ${machine} · ${byteOrder}-endian`)}`)
  if (document.buildId !== null) io.out(`  build id    ${document.buildId}`)
  if (document.debugLink !== null) io.out(`  debug file  ${document.debugLink}`)
  io.out(`  functions   ${document.functionCount}${functions ? '' : '  (--functions lists them)'}`)
  io.out(`  USDT        ${document.usdt.length} places${usdt || document.usdt.length === 0 ? '' : '  (--usdt lists them)'}`)
  if (document.functions !== null) {
    const rows = document.functions.map(({ name, version, offset, size }) => [
      version === null ? name : `${name}@${version}`,
      hex(offset),
      String(size),
    ])
    table('functions: uprobe/FILE:FUNCTION', ['FUNCTION', { title: 'OFFSET', keep: 'all' }, 'SIZE'], rows, io)
  }
  if (usdt) {
    const rows = document.usdt.map(probe => [
      `${probe.provider}:${probe.name}`,
      hex(probe.offset),
      hex(probe.semaphoreOffset),
      probe.arguments,
    ])
    table(
      'USDT probes: usdt/FILE:PROVIDER:NAME',
      ['PROBE', { title: 'OFFSET', keep: 'all' }, { title: 'SEMAPHORE', keep: 'all' }, { title: 'ARGUMENTS', keep: 'lines' }],
      rows,
      io,
    )
  }
}

function table(title: string, columns: readonly (string | Column)[], rows: readonly (readonly string[])[], io: Io): void {
  io.out('')
  io.out(io.style('bold', title))
  if (rows.length === 0) io.out('  none')
  else printIndented(columns, rows, io)
}

function hex(offset: number | null): string {
  return offset === null ? '-' : `0x${offset.toString(16)}`
}
