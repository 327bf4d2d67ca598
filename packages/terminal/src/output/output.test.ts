import { describe, expect, it } from 'vitest'
import { toJson } from './json'
import { StreamTable } from './stream-table'
import { formatTable } from './table'
import { flatten, formatField, formatValue } from './value'

describe('toJson', () => {
  it('prints 64-bit integers as decimal strings and bytes as hex', () => {
    expect(toJson({ id: 2n ** 64n - 1n, raw: Uint8Array.of(1, 255) })).toBe('{"id":"18446744073709551615","raw":"01ff"}')
  })
})

describe('formatValue', () => {
  it('lets no control character reach the terminal', () => {
    expect(formatValue('a\u001b[31mb\n')).toBe('a\\x1b[31mb\\x0a')
  })
})

describe('formatField', () => {
  it('shows nanoseconds as times', () => {
    const cell = (value: number | bigint) => formatField('duration_ns', value).cell
    expect([684n, 684_958n, 2_003_449_163n, 5_187_071_636_007n, 0n].map(cell)).toEqual(['684 ns', '685 µs', '2.00 s', '1:26:27.071', ''])
    expect(formatField('duration_ns', 1n).title).toBe('duration')
    expect(formatField('pid', 7)).toEqual({ title: 'pid', cell: '7' })
  })
})

describe('flatten', () => {
  it('makes columns of nested structs', () => {
    expect(flatten({ a: 1, b: { c: 2, d: [3] } })).toEqual([
      ['a', 1],
      ['b.c', 2],
      ['b.d', [3]],
    ])
    expect(flatten(7n)).toEqual([['value', 7n]])
  })
})

describe('formatTable', () => {
  it('aligns numbers to the right and pads nothing at the end', () => {
    expect(
      formatTable(
        ['KEY', 'COUNT'],
        [
          ['read', '5'],
          ['openat', '1200'],
        ],
      ),
    ).toEqual(['KEY     COUNT', 'read        5', 'openat   1200'])
  })
})

describe('StreamTable', () => {
  it('prints the header with the first record and grows columns as records need', () => {
    const lines: string[] = []
    const table = new StreamTable({ print: line => lines.push(line), styleHeader: line => line })
    table.row({ pid: 1, comm: 'init' })
    table.row({ pid: 12345, comm: 'systemd-journal' })
    table.row({ pid: 2, comm: 'x' })
    expect(lines).toEqual(['PID  COMM', '  1  init', '12345  systemd-journal', '    2  x'])
  })

  it('prints a new header when the record has other columns', () => {
    const lines: string[] = []
    const table = new StreamTable({ print: line => lines.push(line), styleHeader: line => line })
    table.row({ a: 1 })
    table.row({ b: 'x' })
    expect(lines).toEqual(['A', '1', 'B', 'x'])
  })
})
