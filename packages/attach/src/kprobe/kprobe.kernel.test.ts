import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AttachType, ProgType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import type { LinkInterface } from '../link/link'
import { type CountingProgram, countingProgram } from '../testing/counting-program'
import { attachErrorOf } from '../testing/errors'
import { openDescriptors, testContext } from '../testing/test-context'
import { eventNames } from '../tracefs-event'
import { attachKprobe, type KprobeTarget } from './kprobe'
import { attachKsyscall } from './ksyscall'

const context = testContext()
const { sys, kernel } = context
const hasKprobes = kernel.files.text('/sys/bus/event_source/devices/kprobe/type') !== undefined
const hasMulti = kernel.has('kprobeMulti') === true
const hasSession = kernel.features.attachType(AttachType.TraceKprobeSession) === true

const load = (expectedAttachType = 0, cookie = false) => countingProgram(sys, { type: ProgType.Kprobe, expectedAttachType, cookie })
/** Called whenever a file is opened. */
const symbol = 'do_sys_openat2'
const openAFile = () => readFileSync('/proc/self/comm')
const definedEvents = () => eventNames(readFileSync(join(kernel.ensureTracefs(), 'kprobe_events'), 'utf8'))

function runsUntilClosed(program: CountingProgram, target: KprobeTarget, via: LinkInterface): void {
  const before = openDescriptors()
  const link = attachKprobe(context, program, { ...target, interfaces: [via] })
  expect(link.interface).toBe(via)
  openAFile()
  expect(program.count()).toBeGreaterThan(0)
  link.close()
  const runs = program.count()
  openAFile()
  expect(program.count()).toBe(runs)
  expect(openDescriptors()).toBe(before)
}

describe.skipIf(!hasKprobes).each(['bpf link', 'perf_event ioctl', 'tracefs event'] as const)('a kprobe by %s (CONFIG_KPROBES)', via => {
  it.each<KprobeTarget>([{ symbol }, { symbol, returns: true }])('%j runs until it is detached, and leaves nothing', target => {
    using program = load()
    const events = definedEvents()
    runsUntilClosed(program, target, via)
    expect(definedEvents()).toEqual(events)
  })

  it('is on a system call', () => {
    using program = load()
    using link = attachKsyscall(context, program, { syscall: 'openat', interfaces: [via] })
    openAFile()
    expect(program.count()).toBeGreaterThan(0)
    expect(link.target).toMatch(/sys_openat$/)
  })
})

describe.skipIf(!hasKprobes)('a kprobe (CONFIG_KPROBES)', () => {
  it('hands the program its cookie', () => {
    using program = load(0, true)
    using link = attachKprobe(context, program, { symbol, cookie: 11n })
    openAFile()
    expect(program.cookie()).toBe(11n)
    expect(link.info()).toMatchObject({ kind: 'perfEvent', event: 'kprobe', function: symbol })
  })

  it('is not on a function that is not there', () => {
    using program = load()
    expect(attachErrorOf(() => attachKprobe(context, program, { symbol: 'do_sys_openat3' })).hint).toContain(symbol)
  })
})

describe.skipIf(!hasMulti)('a kprobe.multi program (CONFIG_FPROBE)', () => {
  const { TraceKprobeMulti } = AttachType

  it.each<KprobeTarget>([{ symbol }, { symbol, returns: true }, { symbol: 'do_sys_open*' }])('%j runs until it is detached', target => {
    using program = load(TraceKprobeMulti)
    runsUntilClosed(program, target, 'multi link')
  })

  it('is told about by the kernel', () => {
    using program = load(TraceKprobeMulti)
    using link = attachKprobe(context, program, { symbol })
    expect(link.info()).toMatchObject({ kind: 'kprobeMulti', count: 1 })
  })
})

describe.skipIf(!hasSession)('a kprobe session (Linux 6.10, CONFIG_FPROBE)', () => {
  it('sees entry and return', () => {
    using program = load(AttachType.TraceKprobeSession)
    runsUntilClosed(program, { symbol }, 'multi link')
  })
})
