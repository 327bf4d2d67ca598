import type { Column, Io } from '@bpf/terminal'
import { countOf, formatValue } from '@bpf/terminal'
import { printIndented } from '../objects/print'
import type { ObjectDocument } from './object-document'

/** Tables on stdout, each only if there is something in it. */
export function printObject(document: ObjectDocument, { relocations }: { readonly relocations: boolean }, io: Io): void {
  const { object, license, byteOrder, lowestKernel, core } = document
  io.out(`${io.style('bold', object)}  ${io.style('dim', `license ${license || 'none'} · ${byteOrder}-endian`)}`)
  const section = (title: string, columns: readonly (string | Column)[], rows: readonly (readonly string[])[]): void => {
    if (rows.length === 0) return
    io.out('')
    io.out(io.style('bold', title))
    printIndented(columns, rows, io)
  }
  section(
    'programs',
    ['NAME', { title: 'SECTION', keep: 'end' }, 'TYPE', 'INSNS', { title: '', keep: 'lines' }],
    document.programs.map(p => [p.name, p.section, p.type, String(p.insns), p.autoLoad ? '' : 'not loaded by default']),
  )
  section(
    'functions',
    ['NAME', 'SECTION', 'LINKAGE', 'INSNS'],
    document.functions.map(({ name, section, linkage, insns }) => [name, section, linkage, String(insns)]),
  )
  section(
    'maps',
    ['NAME', 'TYPE', 'KEY', 'VALUE', 'MAX', 'FLAGS'],
    document.maps.map(map => [
      map.name,
      map.type,
      sized(map.keySize, map.keyType),
      sized(map.valueSize, map.valueType),
      String(map.maxEntries),
      map.flags === 0 ? '-' : `0x${map.flags.toString(16)}`,
    ]),
  )
  section(
    'variables',
    ['NAME', 'TYPE', 'PLACE', 'VALUE'],
    document.variables.map(({ name, type, map, offset, size, value }) => [
      name,
      type ?? `${size} bytes`,
      `${map}+${offset}`,
      short(valueText(value)),
    ]),
  )
  section(
    'externs',
    ['NAME', 'WHAT', 'WEAK'],
    document.externs.map(({ name, kind, weak }) => [name, kind, weak ? 'yes' : 'no']),
  )
  section(
    'struct_ops',
    ['VARIABLE', 'TYPE', { title: 'PROGRAMS', keep: 'lines' }],
    document.structOps.map(({ map, type, programs }) => [map, type, programs.join(' ')]),
  )
  if (relocations) {
    section(
      'relocations',
      ['FUNCTION', 'SLOT', 'KIND', 'TO'],
      document.relocations.map(entry => [entry.function, String(entry.slot), entry.kind, entry.to]),
    )
    section(
      'CO-RE',
      ['FUNCTION', 'SLOT', { title: 'WHAT', keep: 'lines' }, { title: 'OF', keep: 'end' }],
      core.map(entry => [entry.function, String(entry.slot), entry.question, entry.path]),
    )
  } else if (document.relocations.length + core.length > 0) {
    io.out('')
    io.out(`${countOf(document.relocations.length, 'relocation')} and ${countOf(core.length, 'CO-RE record')}; --relocations lists them`)
  }
  section(
    `needs Linux ${lowestKernel ?? 'of any version'}${lowestKernel ? ' or later' : ''}`,
    ['SINCE', 'WHAT', 'NAME', { title: 'FOR', keep: 'items' }],
    document.requirements.map(({ kind, name, since, users }) => [since ?? '-', kind, name, users.join(', ')]),
  )
}

function sized(size: number, type: string | null): string {
  return type === null || size === 0 ? String(size) : `${size} ${type}`
}

/** Texts that would not be seen are quoted: empty ones, and those with blanks. Enumerators are names. */
function valueText(value: unknown): string {
  return typeof value === 'string' && !/^\w+$/.test(value) ? JSON.stringify(value) : formatValue(value)
}

const longest = 40

function short(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text
}
