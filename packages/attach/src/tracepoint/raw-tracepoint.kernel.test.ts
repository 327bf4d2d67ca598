import { readFileSync } from 'node:fs'
import { ProgType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { countingProgram } from '../testing/counting-program'
import { attachErrorOf } from '../testing/errors'
import { openDescriptors, testContext } from '../testing/test-context'
import { attachRawTracepoint } from './raw-tracepoint'

const context = testContext()
const { sys } = context

describe('a raw tracepoint', () => {
  it.each(['RawTracepoint', 'RawTracepointWritable'] as const)('runs a program of type %s until it is closed', type => {
    const before = openDescriptors()
    {
      using program = countingProgram(sys, { type: ProgType[type] })
      // Only few tracepoints have a writable context, and a program that writes nothing needs none.
      const link = attachRawTracepoint(context, program, { name: 'sys_enter' })
      expect(link).toMatchObject({ kind: 'raw_tracepoint', interface: 'raw_tracepoint_open', target: 'sys_enter' })
      expect(link.info()).toMatchObject({ kind: 'rawTracepoint', name: 'sys_enter' })
      readFileSync('/proc/self/comm')
      const runs = program.count()
      expect(runs).toBeGreaterThan(0)
      link.close()
      const after = program.count()
      readFileSync('/proc/self/comm')
      expect(program.count()).toBe(after)
    }
    expect(openDescriptors()).toBe(before)
  })

  it('hands the program its cookie', () => {
    using program = countingProgram(sys, { type: ProgType.RawTracepoint, cookie: true })
    using link = attachRawTracepoint(context, program, { name: 'sys_enter', cookie: 7n })
    readFileSync('/proc/self/comm')
    expect(program.cookie()).toBe(7n)
    expect(link.info()).toMatchObject({ cookie: 7n })
  })

  it('says what is near to a name that is not there', () => {
    using program = countingProgram(sys, { type: ProgType.RawTracepoint })
    const error = attachErrorOf(() => attachRawTracepoint(context, program, { name: 'sys_entre' }))
    expect(error.message).toBe('program "count" cannot be attached to raw tracepoint sys_entre: there is no such tracepoint on this kernel')
    expect(error.hint).toContain('sys_enter')
  })
})
