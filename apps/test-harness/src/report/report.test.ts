import { describe, expect, it } from 'vitest'
import type { KernelReport, Report, Result, RunEvent } from '../results'
import { formatJson } from './json'
import { formatJunit } from './junit'
import { formatProgress, progressAfter } from './live'
import { formatMarkdown, formatMatrix } from './matrix'
import { formatTap } from './tap'

const kernel = (name: string, change: Partial<KernelReport> = {}): KernelReport => ({
  name,
  release: `${name}.0-cloud`,
  runsOn: 'emulated',
  error: undefined,
  crashes: [],
  bootMs: 3000,
  ms: 12_345,
  console: undefined,
  ...change,
})

const result = (change: Partial<Result>): Result => ({
  kernel: '5.10',
  scenario: 'xdp by link',
  family: 'xdp',
  program: 'count',
  status: 'pass',
  interface: 'link',
  reason: undefined,
  ms: 42,
  ...change,
})

const report: Report = {
  kernels: [kernel('5.10', { crashes: ['panicked at boot, tried again'] }), kernel('6.12')],
  results: [
    result({}),
    result({ kernel: '6.12' }),
    result({ scenario: 'tcx', family: 'tc', program: '', status: 'skip', interface: undefined, reason: 'tcx is there since Linux 6.6' }),
    result({
      kernel: '6.12',
      scenario: 'tcx',
      family: 'tc',
      program: '',
      status: 'fail',
      interface: 'tcx link',
      reason: 'the counter stays 0\nlog: <a & b> # c',
    }),
  ],
}

describe('the matrix', () => {
  it('has a row a question and a column a kernel, then what went wrong', () => {
    expect(formatMatrix(report, (_, text) => text)).toEqual([
      'FAMILY  SCENARIO            5.10    6.12',
      'xdp     xdp by link: count  ✓ link  ✓ link',
      'tc      tcx                 –       ✗',
      '',
      '✗ 6.12  tcx: the counter stays 0',
      '    log: <a & b> # c',
      '– skipped on 5.10: tcx is there since Linux 6.6',
      '! 5.10: panicked at boot, tried again',
      '2 passed, 1 failed, 1 skipped on 2 kernels',
    ])
  })

  it('goes on below where a terminal is narrow, and tells what is the same on several kernels once', () => {
    const wide = { scenario: 'drop: on_a_very_long_program_name', program: '', interface: 'perf_event ioctl' }
    const wrong = { scenario: 'drop: bad', program: '', status: 'fail', interface: undefined, reason: 'no such function' } as const
    const kernels = ['5.10', '6.12']
    const results = kernels.flatMap(name => [result({ kernel: name, ...wide }), result({ kernel: name, ...wrong })])
    expect(formatMatrix({ kernels: kernels.map(name => kernel(name)), results }, (_, text) => text, 50)).toEqual([
      'FAMILY  SCENARIO      5.10           6.12',
      'xdp     drop:         ✓ perf_event   ✓ perf_event',
      '        on_a_very_lo  ioctl          ioctl',
      '        ng_program_n',
      '        ame',
      'xdp     drop: bad     ✗              ✗',
      '',
      '✗ 5.10, 6.12  drop: bad: no such function',
      '2 passed, 2 failed, 0 skipped on 2 kernels',
    ])
  })

  it('is a Markdown table for documentation', () => {
    expect(formatMarkdown(report)).toEqual([
      '| family | scenario | 5.10 (5.10.0-cloud) | 6.12 (6.12.0-cloud) |',
      '| --- | --- | --- | --- |',
      '| xdp | xdp by link: count | ✓ link | ✓ link |',
      '| tc | tcx | – | ✗ |',
    ])
  })

  it('says when nothing was run, and what is wrong with a kernel', () => {
    expect(formatMatrix({ kernels: [], results: [] }, (_, text) => text)).toEqual(['nothing was run'])
    const dead = { ...report, kernels: [kernel('5.10', { error: 'did not come up', console: 'console.log' })] }
    expect(formatMatrix(dead, (_, text) => text)).toContain('✗ 5.10: did not come up (console: console.log)')
  })
})

it('JSON has null for what is not known', () => {
  expect(JSON.parse(formatJson(report))).toEqual({
    kernels: report.kernels.map(k => ({ ...k, error: null, console: null })),
    results: report.results.map(r => ({ ...r, interface: r.interface ?? null, reason: r.reason ?? null })),
  })
})

it('JUnit has a suite a kernel', () => {
  expect(formatJunit(report).split('\n')).toEqual([
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites name="bpf-test">',
    '  <testsuite name="5.10 (5.10.0-cloud)" tests="2" failures="0" errors="0" skipped="1" time="12.345">',
    '    <testcase name="xdp by link: count" classname="xdp" time="0.042"/>',
    '    <testcase name="tcx" classname="tc" time="0.042">',
    '      <skipped message="tcx is there since Linux 6.6"/>',
    '    </testcase>',
    '  </testsuite>',
    '  <testsuite name="6.12 (6.12.0-cloud)" tests="2" failures="1" errors="0" skipped="0" time="12.345">',
    '    <testcase name="xdp by link: count" classname="xdp" time="0.042"/>',
    '    <testcase name="tcx" classname="tc" time="0.042">',
    '      <failure message="the counter stays 0">the counter stays 0&#10;log: &lt;a &amp; b&gt; # c</failure>',
    '    </testcase>',
    '  </testsuite>',
    '</testsuites>',
  ])
  const dead = { kernels: [kernel('6.1', { release: undefined, error: 'panicked' })], results: [] }
  expect(formatJunit(dead).split('\n').slice(2, -1)).toEqual([
    '  <testsuite name="6.1" tests="1" failures="0" errors="1" skipped="0" time="12.345">',
    '    <testcase name="the kernel itself" classname="kernel">',
    '      <error message="panicked"/>',
    '    </testcase>',
    '  </testsuite>',
  ])
})

it('TAP has a line a result', () => {
  expect(formatTap(report).split('\n')).toEqual([
    'TAP version 14',
    '1..4',
    'ok 1 - 5.10 / xdp / xdp by link: count (link)',
    'ok 2 - 6.12 / xdp / xdp by link: count (link)',
    'ok 3 - 5.10 / tc / tcx # SKIP tcx is there since Linux 6.6',
    'not ok 4 - 6.12 / tc / tcx (tcx link)',
    '  ---',
    '  message: |',
    '    the counter stays 0',
    '    log: <a & b> # c',
    '  duration_ms: 42',
    '  ...',
    '# there were failures',
  ])
})

it('progress is a line a kernel', () => {
  const events: RunEvent[] = [
    { kind: 'kernel-start', kernel: '5.10', count: 4 },
    { kind: 'kernel-start', kernel: 'host', count: 4 },
    { kind: 'kernel-up', kernel: 'host', release: '6.18.0' },
    { kind: 'scenario-start', kernel: 'host', scenario: 'xdp by netlink', family: 'xdp' },
    { kind: 'result', result: result({ kernel: 'host' }) },
    { kind: 'result', result: result({ kernel: 'host', status: 'fail' }) },
  ]
  const progress = events.reduce(progressAfter, new Map())
  expect(formatProgress(progress, 100)).toEqual([
    '5.10  ░░░░░░░░░░░░░░░░░░░░ 0/4  booting',
    'host  ██████████░░░░░░░░░░ 2/4  1 failed  xdp by netlink',
  ])
  expect(formatProgress(progress, 30)[1]).toHaveLength(30)
})
