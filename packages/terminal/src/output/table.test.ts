import fc from 'fast-check'
import stringWidth from 'fast-string-width'
import { describe, expect, it } from 'vitest'
import { fitColumns } from './fit'
import { type Keep, shorten } from './shorten'
import { StreamTable } from './stream-table'
import { formatTable } from './table'

describe('shorten', () => {
  it.each<[string, number, Keep, string]>([
    ['on_exec', 7, 'start', 'on_exec'],
    ['sched_process_exec', 10, 'start', 'sched_pro…'],
    ['/sys/fs/bpf/mine/programs/on_exec', 12, 'end', '…ams/on_exec'],
    // Half a number would be another one.
    ['priority 32000', 12, 'start', 'priority …'],
    ['offset 0x1234', 11, 'start', 'offset …'],
    ['01 02 03 04', 6, 'start', '01 02…'],
    ['01 02 03 04', 5, 'start', '01 …'],
    ['/proc/4211/ns/net', 10, 'end', '…/ns/net'],
    ['counts_12345', 9, 'start', 'counts_1…'],
    // Of lists, whole items.
    ['node 4211, node 4212, /sys/fs/bpf/mine', 24, 'items', 'node 4211, node 4212, +1'],
    ['node 4211, node 4212, /sys/fs/bpf/mine', 23, 'items', 'node 4211, +2'],
    ['12,13,14,15', 8, 'items', '12,13,+2'],
    ['/sys/fs/bpf/mine/programs/on_exec, node 4211', 16, 'items', '…ams/on_exec, +1'],
    ['systemd-journal 4211', 14, 'items', 'systemd-journ…'],
    // Characters of two columns, of several code points, of colour.
    ['日本語テスト', 5, 'start', '日本…'],
    ['日本語テスト', 6, 'end', '…スト'],
    ['e\u0301e\u0301e\u0301e\u0301', 3, 'start', 'e\u0301e\u0301…'],
    ['👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 5, 'start', '👩‍👩‍👧‍👦👩‍👩‍👧‍👦…'],
    ['\u001b[31mrejected\u001b[39m', 5, 'start', '\u001b[31mreje\u001b[39m…'],
    ['\u001b[31mrejected\u001b[39m', 5, 'end', '…\u001b[31mcted\u001b[39m'],
  ])('%j in %i columns, by its %s', (text, width, keep, expected) => {
    expect(shorten(text, width, keep)).toBe(expected)
  })

  it('is never wider than told', () => {
    const part = fc.constantFrom('a', '7', ' ', ',', '/', '0x', '語', 'e\u0301', '👩‍👩‍👧‍👦', '\u001b[31m', '\u001b[39m')
    const text = fc.array(part, { maxLength: 40 }).map(parts => parts.join(''))
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 30 }), fc.constantFrom<Keep>('start', 'end', 'items'), (value, width, keep) => {
        expect(stringWidth(shorten(value, width, keep))).toBeLessThanOrEqual(width)
      }),
    )
  })
})

describe('fitColumns', () => {
  const text = (width: number) => ({ width, flexible: true, optional: false })
  const number = (width: number) => ({ width, flexible: false, optional: false })

  it('takes from the widest first', () => {
    expect(fitColumns([number(5), text(40), text(20)], 100)).toEqual([5, 40, 20])
    expect(fitColumns([number(5), text(40), text(20)], 57)).toEqual([5, 28, 20])
    expect(fitColumns([number(5), text(40), text(20)], 45)).toEqual([5, 18, 18])
  })

  it('leaves out optional columns, the last first, before text gets too narrow to say anything', () => {
    const columns = [text(40), { ...number(16), optional: true }, { ...number(16), optional: true }, text(40)]
    expect(fitColumns(columns, 80)).toEqual([21, 16, 16, 21])
    expect(fitColumns(columns, 50)).toEqual([15, 16, 0, 15])
    expect(fitColumns(columns, 30)).toEqual([14, 0, 0, 14])
    expect(fitColumns(columns, 14)).toEqual([6, 0, 0, 6])
    expect(fitColumns(columns, 5)).toEqual([5, 0, 0, 5])
  })
})

describe('a table on a terminal', () => {
  const columns = ['ID', 'NAME', { title: 'TAG', keep: 'all', optional: true }, { title: 'PATH', keep: 'end' }] as const
  const rows = [
    ['7', 'count_packets_of_each_address', '3b185187f1855c4c', '/sys/fs/bpf/mine/maps/counts'],
    ['12345', '語語語語語語語語語語語語', '4c185187f1855c4c', '-'],
  ]

  it('is as wide as its cells where there is room, or no terminal', () => {
    expect(formatTable(columns, rows, 90)).toEqual(formatTable(columns, rows))
  })

  it.each([
    [
      80,
      [
        '   ID  NAME                        TAG               PATH',
        '    7  count_packets_of_each_add…  3b185187f1855c4c  …ys/fs/bpf/mine/maps/counts',
        '12345  語語語語語語語語語語語語    4c185187f1855c4c  -',
      ],
    ],
    [
      60,
      [
        '   ID  NAME              TAG               PATH',
        '    7  count_packets_o…  3b185187f1855c4c  …mine/maps/counts',
        '12345  語語語語語語語…   4c185187f1855c4c  -',
      ],
    ],
    [40, ['   ID  NAME            PATH  …', '    7  count_packets…  …e/maps/counts', '12345  語語語語語語…   -']],
  ])('fits into %i columns', (room, expected) => {
    const lines = formatTable(columns, rows, room)
    expect(lines).toEqual(expected)
    expect(Math.max(...lines.map(line => stringWidth(line)))).toBeLessThanOrEqual(room)
  })

  it('goes on below with what must not be cut', () => {
    const prose = ['#', { title: 'WHAT IT IS', keep: 'lines' }] as const
    const sections = [
      ['1', 'names of sections and symbols'],
      ['12', 'constants'],
    ]
    expect(formatTable(prose, sections, 20)).toEqual([' #  WHAT IT IS', ' 1  names of', '    sections and', '    symbols', '12  constants'])
    expect(formatTable(prose, sections)).toEqual([' #  WHAT IT IS', ' 1  names of sections and symbols', '12  constants'])
  })

  it('streams rows that fit', () => {
    const lines: string[] = []
    const table = new StreamTable({ print: line => lines.push(line), styleHeader: line => line, room: () => 30 })
    table.row({ pid: 1, comm: '', file: '/etc/passwd' })
    table.row({ pid: 1234567, comm: 'systemd-journal', file: '/usr/lib/x86_64-linux-gnu/libc.so.6' })
    expect(lines).toEqual(['PID  COMM  FILE', '  1        /etc/passwd', '1234567  systemd-…  /usr/lib/…'])
  })
})
