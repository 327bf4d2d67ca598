import { readFileSync } from 'node:fs'
import { openKernel } from '@bpf/kernel'
import { ProgType, progLoad } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { assemble } from '../testing/assemble'
import { countingProgram } from '../testing/counting-program'
import { attachErrorOf } from '../testing/errors'
import { openDescriptors, testContext } from '../testing/test-context'
import { attachTracepoint, parseTracepointTarget } from './tracepoint'

const context = testContext()
const { sys } = context
const load = (cookie = false) => countingProgram(sys, { type: ProgType.Tracepoint, cookie })
const openat = { category: 'syscalls', name: 'sys_enter_openat' }
const openAFile = () => readFileSync('/proc/self/comm')

describe.each(['bpf link', 'perf_event ioctl'] as const)('a tracepoint by %s', via => {
  it('runs the program until it is closed', () => {
    const before = openDescriptors()
    {
      using program = load()
      const link = attachTracepoint(context, program, { ...openat, interfaces: [via] })
      expect(link).toMatchObject({ kind: 'tracepoint', interface: via, program: 'count', target: 'syscalls:sys_enter_openat' })
      expect(link.id === undefined).toBe(via === 'perf_event ioctl')
      openAFile()
      expect(program.count()).toBeGreaterThan(0)

      link.close()
      link.close()
      const runs = program.count()
      openAFile()
      expect(program.count()).toBe(runs)
    }
    expect(openDescriptors()).toBe(before)
  })
})

describe('a tracepoint', () => {
  it('hands the program its cookie, by link only', () => {
    using program = load(true)
    using link = attachTracepoint(context, program, { ...openat, cookie: 0x1122334455667788n })
    openAFile()
    expect(program.cookie()).toBe(0x1122334455667788n)
    expect(link.info()).toMatchObject({ kind: 'perfEvent', event: 'tracepoint', name: 'sys_enter_openat', cookie: 0x1122334455667788n })
    const refused = attachErrorOf(() => attachTracepoint(context, program, { ...openat, cookie: 1n, interfaces: ['perf_event ioctl'] }))
    expect(refused.message).toContain('it has no cookies')
  })

  it('says that a program is there already', () => {
    using program = load()
    using _link = attachTracepoint(context, program, openat)
    const error = attachErrorOf(() => attachTracepoint(context, program, openat))
    expect(error.message).toMatch(/: it is attached there already$/)
  })

  it('says that a program reads more than there is', () => {
    const insns = assemble([
      [0x79, 0, 1, 4000, 0], // r0 = *(u64 *)(r1 + 4000)
      [0x95, 0, 0, 0, 0],
    ])
    const { fd: owned } = progLoad(sys, { type: ProgType.Tracepoint, name: 'far', insns, license: 'GPL' })
    using _owned = owned
    const program = { name: 'far', section: '', type: ProgType.Tracepoint, expectedAttachType: 0, attachTarget: undefined, fd: owned.fd }
    const error = attachErrorOf(() => attachTracepoint(context, program, openat))
    expect(error.message).toMatch(/: the program reads beyond the end of its record$/)
    expect(error.hint).toContain('events/CATEGORY/NAME/format')
  })

  it.each([
    ['sched/sched_process_exce', 'did you mean sched/sched_process_exec'],
    ['shced/sched_process_exec', 'there is sched/sched_process_exec'],
    ['sched/nothing_like_any_of_them', 'events/sched has those of that category'],
    ['irk/no_such_event_anywhere', 'there is no category irk; did you mean irq'],
  ])('%s is not there: %s', (name, hint) => {
    using program = load()
    const target = parseTracepointTarget(name) ?? expect.unreachable()
    const error = attachErrorOf(() => attachTracepoint(context, program, target))
    expect(error.message).toContain(`tracepoint ${target.category}:${target.name}: there is no such tracepoint on this kernel`)
    expect(error.hint).toContain(hint)
  })

  it('that may not be looked up is no tracepoint that is not there', () => {
    using program = load()
    const { files } = context.kernel
    const hidden = (path: string) => path.includes('/events')
    const unreadable = {
      ...files,
      text: (path: string) => (hidden(path) ? undefined : files.text(path)),
      list: (path: string) => (hidden(path) ? [] : files.list(path)),
    }
    const error = attachErrorOf(() => attachTracepoint({ ...context, kernel: openKernel(sys, { files: unreadable }) }, program, openat))
    expect(error.message).toMatch(/events cannot be read$/)
    expect(error.hint).toContain('CAP_DAC_READ_SEARCH')
  })
})
