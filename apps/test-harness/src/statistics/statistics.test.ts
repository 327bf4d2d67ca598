import { describe, expect, it } from 'vitest'
import { compareStatistics, growth, ofSameObjects, parseBaseline, parseThreshold, regressions } from './baseline'
import { totalStack } from './measure'
import { parseFilter, parseOrder, sortBy } from './select'
import type { ProgramStatistics } from './statistics'
import { comparisonTable, statisticsTable } from './table'

const statistics = (program: string, insns: number, change: Partial<ProgramStatistics> = {}): ProgramStatistics => ({
  kernel: 'host',
  object: 'a.o',
  program,
  verdict: 'success',
  duration: 120,
  insns,
  states: 10,
  peakStates: 8,
  maxStatesPerInsn: 2,
  stack: 40,
  size: 30,
  jited: 180,
  reason: undefined,
  ...change,
})
const plain = (_: string, text: string) => text
const three = [
  statistics('small', 10),
  statistics('large', 1000),
  statistics('bad', 7, { verdict: 'failure', reason: 'R1 is unknown\nmore' }),
]

it('the stack of all functions counts', () => {
  expect([totalStack('32+8'), totalStack('0'), totalStack(undefined)]).toEqual([40, 0, 0])
})

describe('selection', () => {
  it.each([
    ['insns>=10', ['small', 'large']],
    ['verdict=failure', ['bad']],
    ['program!=b*', ['small', 'large']],
    ['program=l.rge', []],
  ])('%s', (text, programs) => {
    expect(three.filter(parseFilter(text)).map(({ program }) => program)).toEqual(programs)
  })

  it.each([
    ['insns', ['large', 'small', 'bad']],
    ['+insns', ['bad', 'small', 'large']],
    ['verdict,program', ['bad', 'large', 'small']],
  ])('sorted by %s', (text, programs) => {
    expect(sortBy(three, parseOrder(text)).map(({ program }) => program)).toEqual(programs)
  })

  it('says what is wrong with a condition', () => {
    expect(() => parseFilter('insns')).toThrow('expected KEY OPERATOR VALUE')
    expect(() => parseFilter('instructions>1')).toThrow('no column instructions')
    expect(() => parseFilter('insns>many')).toThrow('many is no number')
    expect(() => parseFilter('program>b')).toThrow('is text')
    expect(() => parseOrder('size,weight')).toThrow('no column weight')
  })
})

it('the table has a line a program, and says why one was rejected', () => {
  expect(statisticsTable(three, plain)).toEqual([
    'KERNEL  OBJECT  PROGRAM  VERDICT   µS  INSNS  STATES  PEAK  STACK  SIZE  JITED',
    'host    a.o     small    success  120     10      10     8     40    30    180',
    'host    a.o     large    success  120   1000      10     8     40    30    180',
    'host    a.o     bad      failure  120      7      10     8     40    30    180',
    '',
    '✗ host a.o bad: R1 is unknown',
  ])
})

describe('a comparison', () => {
  const after = [statistics('small', 12), statistics('large', 1001), statistics('new', 1)]
  const comparisons = compareStatistics(three, after)

  it('shows what changed', () => {
    expect(comparisonTable(comparisons)).toEqual([
      'KERNEL  OBJECT  PROGRAM  VERDICT         INSNS                 STATES  STACK',
      'host    a.o     small    success         10 → 12 (+20.0 %)         10     40',
      'host    a.o     large    success         1000 → 1001 (+0.1 %)      10     40',
      'host    a.o     new      new → success   1                         10     40',
      'host    a.o     bad      failure → gone  7                         10     40',
    ])
    expect(comparisonTable(compareStatistics(three, three))).toEqual(['no differences in 3 programs'])
  })

  it('is of the objects and kernels that are looked at now', () => {
    const others = [statistics('small', 10, { object: 'b.o' }), statistics('small', 10, { kernel: '6.1' })]
    expect(ofSameObjects([...others, ...three], after)).toEqual(three)
  })

  it('finds what grew too much, and what is rejected now', () => {
    expect(regressions(comparisons, [parseThreshold('insns=10%')])).toEqual(['host a.o small: insns 10 → 12, allowed are 10 % more'])
    expect(regressions(comparisons, [parseThreshold('insns=25')])).toEqual([])
    const rejected = compareStatistics([statistics('small', 10)], [statistics('small', 10, { verdict: 'failure', reason: 'too large' })])
    expect(regressions(rejected, [])).toEqual(['host a.o small: is rejected now: too large'])
    expect([growth(0, 0), growth(0, 1), growth(4, 3)]).toEqual([0, Number.POSITIVE_INFINITY, -25])
    expect(() => parseThreshold('program=3')).toThrow('expected KEY=PERCENT')
  })

  it('reads a baseline that --json printed, and nothing else', () => {
    expect(parseBaseline(JSON.stringify(three), 'b.json')).toEqual(JSON.parse(JSON.stringify(three)))
    expect(() => parseBaseline('{', 'b.json')).toThrow('b.json is not JSON')
    expect(() => parseBaseline('[{"kernel":"host"}]', 'b.json')).toThrow('b.json holds no statistics')
  })
})
