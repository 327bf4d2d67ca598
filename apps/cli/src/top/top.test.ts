import { type ProgInfo, ProgType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { expectGolden } from '../testing/golden'
import { runCli } from '../testing/run-cli'
import { Activity, sortRows, type TopRow } from './activity'
import { sparkline, tableOf } from './table'

const program = (id: number, runs: bigint, nanoseconds: bigint) =>
  ({ id, type: ProgType.Xdp, name: `prog_${id}`, runCount: runs, runTimeNs: nanoseconds, recursionMisses: 0n }) as ProgInfo

describe('Activity', () => {
  it('compares each look with the one before', () => {
    const activity = new Activity()
    expect(activity.look(0, [program(1, 10n, 1000n)])).toEqual([])
    const rows = activity.look(2000, [program(1, 210n, 20_001_000n), program(2, 5n, 5n)])
    expect(rows).toEqual([{ id: 1, type: 'xdp', name: 'prog_1', cpu: 1, runsPerSecond: 100, averageNs: 100_000, missed: 0, history: [1] }])
    expect(activity.look(4000, [program(1, 210n, 20_001_000n), program(2, 7n, 25n)]).map(({ history }) => history)).toEqual([
      [1, 0],
      [1e-6],
    ])
  })

  it('sorts the largest first', () => {
    const activity = new Activity()
    activity.look(0, [program(1, 0n, 0n), program(2, 0n, 0n)])
    const rows = activity.look(1000, [program(1, 100n, 100n), program(2, 1n, 500n)])
    expect(sortRows(rows, 'cpu').map(({ id }) => id)).toEqual([2, 1])
    expect(sortRows(rows, 'runs').map(({ id }) => id)).toEqual([1, 2])
    expect(sortRows(rows, 'id').map(({ id }) => id)).toEqual([1, 2])
    expect(tableOf(sortRows(rows, 'runs'))).toEqual([
      'ID  TYPE  NAME    CPU %  RUNS/S  NS/RUN  MISSED  HISTORY',
      ' 1  xdp   prog_1   0.00     100       1       0  █',
      ' 2  xdp   prog_2   0.00       1     500       0  █',
    ])
  })
})

it.each(['0', '1ms', '0.001s'])('bpf top --interval %s is refused, not taken for as often as can be', async interval => {
  const { code, notes } = await runCli('top', '--interval', interval)
  expect(code).toBe(2)
  expect(notes.join('\n')).toContain('at least 10ms')
})

it('a sparkline is as high as its largest value', () => {
  expect(sparkline([0, 1, 2, 4])).toBe('▁▃▅█')
  expect(sparkline([0, 0])).toBe('▁▁')
})

describe('the table', () => {
  const row: TopRow = { id: 7, type: 'xdp', name: 'drop', cpu: 0.004, runsPerSecond: 12, averageNs: 3333, missed: 0, history: [0, 0.004] }
  const rows = [
    {
      ...row,
      id: 1048577,
      type: 'raw_tracepoint_writable',
      name: 'count_syscall_of_every_process',
      cpu: 123.456,
      runsPerSecond: 1_234_567.8,
      averageNs: 1e6,
      missed: 42,
    },
    { ...row, history: Array.from({ length: 16 }, (_, i) => i) },
    { ...row, id: 9, name: '' },
  ]
  const golden = (name: string) => new URL(`golden/${name}.txt`, import.meta.url)

  it.each([60, 80, 120])('fits a terminal of %i columns', columns =>
    expectGolden(golden(`top-${columns}`), columns, io => {
      for (const line of tableOf(rows, columns)) io.out(line)
    }),
  )
})
