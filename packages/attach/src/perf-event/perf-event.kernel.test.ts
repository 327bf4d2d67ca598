import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { PerfType, ProgType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { countingProgram } from '../testing/counting-program'
import { attachErrorOf } from '../testing/errors'
import { testCgroup } from '../testing/test-cgroup'
import { openDescriptors, testContext } from '../testing/test-context'
import { attachPerfEvent, type PerfEventTarget } from './perf-event'
import { hasCounters } from './refusals'

const context = testContext()
const { sys, kernel } = context
const load = (cookie = false) => countingProgram(sys, { type: ProgType.PerfEvent, cookie })

function beBusy(milliseconds = 60): void {
  const end = Date.now() + milliseconds
  while (Date.now() < end);
}

/** More than malloc(3) ever keeps for later (32 MiB), so that the kernel is asked. */
function touchNewMemory(): void {
  new Uint8Array(64 << 20).fill(1)
}

const watched = new Uint8Array(64)
/** 8 bytes, aligned, somewhere in `watched`. */
const address = sys.native.address(watched)

describe.each(['bpf link', 'perf_event ioctl'] as const)('a perf event by %s', via => {
  it.each<[string, PerfEventTarget, () => void]>([
    ['a clock on all CPUs', { event: 'cpu-clock', frequency: 999 }, beBusy],
    ['a clock of a process', { event: 'task-clock', pid: process.pid, period: 1_000_000 }, beBusy],
    ['page faults of a process', { event: 'page-faults', pid: 0 }, touchNewMemory],
    ['a breakpoint on memory', { event: `mem:0x${address.toString(16)}/1:w`, pid: 0 }, () => watched.fill(2)],
  ])('%s calls the program until it is closed', (_, target, event) => {
    const before = openDescriptors()
    {
      using program = load()
      const link = attachPerfEvent(context, program, { ...target, interfaces: [via] })
      expect(link).toMatchObject({ kind: 'perf_event', interface: via })
      event()
      const runs = program.count()
      expect(runs).toBeGreaterThan(0)
      link.close()
      link.close()
      const after = program.count()
      event()
      expect(program.count()).toBe(after)
    }
    expect(openDescriptors()).toBe(before)
  })
})

const counters = hasCounters(kernel)
describe.skipIf(!counters)('an event that the processor counts (hardware counters)', () => {
  it.each(['cycles', 'instructions', 'cache-references', 'L1-dcache-loads', 'r00c0'])('%s calls the program until it is closed', event => {
    using program = load()
    const link = attachPerfEvent(context, program, { event, pid: 0, period: 100_000 })
    beBusy()
    link.close()
    const runs = program.count()
    expect(runs).toBeGreaterThan(0)
    beBusy()
    expect(program.count()).toBe(runs)
  })
})

describe.skipIf(counters)('without hardware counters', () => {
  it.each(['cycles', 'LLC-load-misses', 'r00c0'])('%s is refused, and a clock named that works', event => {
    using program = load()
    const error = attachErrorOf(() => attachPerfEvent(context, program, { event, pid: 0 }))
    expect(error.message).toContain(`perf event ${event} of process 0: this machine has no hardware counters`)
    expect(error.hint).toContain('cpu-clock')
    using _link = attachPerfEvent(context, program, { event: 'cpu-clock', pid: 0, frequency: 999 })
    beBusy()
    expect(program.count()).toBeGreaterThan(0)
  })
})

describe('a perf event', () => {
  it('is one link a CPU', () => {
    using program = load()
    using all = attachPerfEvent(context, program, { event: 'cpu-clock' })
    using one = attachPerfEvent(context, program, { event: 'cpu-clock', cpu: 0 })
    expect(one.id).toBeGreaterThan(0)
    expect(one.info()).toMatchObject({ kind: 'perfEvent', event: 'event' })
    if (kernel.onlineCpus().length > 1) expect(all.id).toBeUndefined()
  })

  it('of a process is of all its threads, also of those that it starts later', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(64))
    const source = `const { parentPort, workerData } = require('node:worker_threads')
      parentPort.on('message', () => parentPort.postMessage(workerData.fill(1) && 0))`
    const startThread = () => new Worker(source, { eval: true, workerData: shared })
    const letWrite = async (thread: Worker) => {
      thread.postMessage(0)
      await once(thread, 'message')
    }
    const present = startThread()
    await letWrite(present)
    using program = load()
    const event = `mem:0x${sys.native.address(shared).toString(16)}/1:w`
    using link = attachPerfEvent(context, program, { event, pid: process.pid })
    expect(link.target).toContain(`of process ${process.pid}`)
    expect(program.count()).toBe(0)
    await letWrite(present)
    const between = program.count()
    expect(between).toBeGreaterThan(0)
    await present.terminate()
    const later = startThread()
    await letWrite(later)
    expect(program.count()).toBeGreaterThan(between)
    await later.terminate()
  })

  it('may be of one thread', () => {
    using program = load()
    using link = attachPerfEvent(context, program, { event: 'page-faults', tid: 0 })
    expect(link.id).toBeGreaterThan(0)
    touchNewMemory()
    expect(program.count()).toBeGreaterThan(0)
  })

  it('may be a tracepoint, by its number, which calls programs of tracepoints, and each once', () => {
    const id = Number(readFileSync(join(kernel.ensureTracefs(), 'events/syscalls/sys_enter_openat/id'), 'utf8'))
    const target = { event: { type: PerfType.Tracepoint, config: id }, tid: 0 }
    using program = countingProgram(sys, { type: ProgType.Tracepoint })
    const link = attachPerfEvent(context, program, target)
    const openAFile = () => readFileSync('/proc/self/comm')
    openAFile()
    expect(program.count()).toBeGreaterThan(0)
    expect(attachErrorOf(() => attachPerfEvent(context, program, target)).hint).toContain('for all that passes them: attachTracepoint')
    link.close()
    const runs = program.count()
    openAFile()
    expect(program.count()).toBe(runs)
    using other = load()
    expect(attachErrorOf(() => attachPerfEvent(context, other, target)).hint).toContain('programs of sections tracepoint/…')
  })

  it('hands the program its cookie', () => {
    using program = load(true)
    using _link = attachPerfEvent(context, program, { event: 'page-faults', pid: 0, cookie: 42n })
    touchNewMemory()
    expect(program.cookie()).toBe(42n)
  })

  it('may leave out the kernel or user space', () => {
    using program = load()
    using _link = attachPerfEvent(context, program, { event: 'cpu-clock', pid: 0, frequency: 999, exclude: 'user' })
    beBusy()
    using user = load()
    using _user = attachPerfEvent(context, user, { event: 'cpu-clock', pid: 0, frequency: 999, exclude: 'kernel' })
    beBusy()
    expect(user.count()).toBeGreaterThan(program.count())
  })

  it.each<[string, PerfEventTarget, string, string | undefined]>([
    ['a misspelt name', { event: 'cpu-clok' }, 'there is no event of that name', 'did you mean cpu-clock?'],
    ['no process', { event: 'cpu-clock', pid: 4_000_000 }, 'there is no such process', undefined],
    ['no thread', { event: 'cpu-clock', tid: 4_000_000 }, 'there is no such process or thread', undefined],
    ['no CPU', { event: 'cpu-clock', cpu: 4000 }, 'perf event cpu-clock on CPU 4000', undefined],
    ['a frequency out of reach', { event: 'cpu-clock', frequency: 1e9, cpu: 0 }, 'EINVAL', 'perf_event_max_sample_rate'],
    ['no cgroup', { event: 'cpu-clock', cgroup: '/no/such' }, 'there is no such cgroup', undefined],
  ])('says so of %s', (_, target, problem, hint) => {
    using program = load()
    const error = attachErrorOf(() => attachPerfEvent(context, program, target))
    expect(error.message).toContain(problem)
    if (hint !== undefined) expect(error.hint).toContain(hint)
  })

  const perfCgroups = kernel.kconfig('CONFIG_CGROUP_PERF') === 'y'
  it.skipIf(!perfCgroups)('may be of a cgroup (CONFIG_CGROUP_PERF)', () => {
    using cgroup = testCgroup(context, 'perf')
    using program = load()
    using link = attachPerfEvent(context, program, { event: 'cpu-clock', frequency: 999, cgroup: cgroup.path })
    cgroup.inside(() => beBusy())
    expect(program.count()).toBeGreaterThan(0)
    expect(link.target).toContain('in cgroup')
  })
})
