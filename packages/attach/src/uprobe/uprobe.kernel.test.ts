import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readFixture } from '@bpf/fixtures'
import { AttachType, MapMemory, mapMemory, openFile, ProgType, Prot, uname } from '@bpf/sys'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import type { LinkInterface } from '../link/link'
import { type CountingProgram, countingProgram } from '../testing/counting-program'
import { functionIn, usdtProbesIn } from '../testing/elf-facts'
import { attachErrorOf } from '../testing/errors'
import { testBinary } from '../testing/test-binary'
import { openDescriptors, testContext } from '../testing/test-context'
import { testZip } from '../testing/test-zip'
import { eventNames, sweepTracefsEvents } from '../tracefs-event'
import { attachUprobe, type UprobeTarget } from './uprobe'

const context = testContext()
const { sys, kernel } = context

/** Calls `request` once and `idle` once, then ends. For x86-64. */
const program = testBinary('probes', await readFixture('elf/probes.elf'))
afterAll(() => program[Symbol.dispose]())

const load = (expectedAttachType = 0, cookie = false) => countingProgram(sys, { type: ProgType.Kprobe, expectedAttachType, cookie })
const attach = (bpf: CountingProgram, target: Partial<UprobeTarget> = {}) =>
  attachUprobe(context, bpf, { binary: program.path, symbol: 'request', ...target })
const definedEvents = () => eventNames(readFileSync(join(kernel.ensureTracefs(), 'uprobe_events'), 'utf8'))
const makeSystemCall = () => uname(sys)

const addressOf = (name: string) => functionIn(program.path, name).address
const [requestProbe] = usdtProbesIn(program.path)
/** Of the probe in `request`: where an instruction begins, and a counter. */
const nopOffset = () => (requestProbe?.offset ?? 0) - functionIn(program.path, 'request').offset
const semaphoreOffset = () => requestProbe?.semaphoreOffset ?? 0

/** The program in this process's memory, as a loader maps code and data: the kernel counts up in all that have it so. */
function mappedProgram() {
  const PROT_EXEC = 4
  const length = statSync(program.path).size
  using file = openFile(sys, program.path)
  const [code, data] = [Prot.Read | PROT_EXEC, Prot.Read | Prot.Write].map(prot =>
    mapMemory(sys, { fd: file.fd, length, prot, flags: MapMemory.Private }),
  )
  return {
    counter: () => new DataView(data?.buffer ?? new ArrayBuffer(0)).getUint16(semaphoreOffset(), true),
    [Symbol.dispose]() {
      code?.close()
      data?.close()
    },
  }
}

const ways = ['multi link', 'bpf link', 'perf_event ioctl', 'tracefs event'] as const

describe.skipIf(process.arch !== 'x64').each(ways)('a uprobe by %s (program for x86-64)', via => {
  const loadFor = () => load(via === 'multi link' ? AttachType.TraceUprobeMulti : 0)
  const interfaces: readonly LinkInterface[] = [via]

  it.each([
    ['a function is entered', {}, 'uprobe'],
    ['a function returns', { returns: true }, 'uretprobe'],
    ['an instruction in a function is reached', { offset: 1 }, 'uprobe'],
  ] as const)('runs when %s, until it is detached', (_, target, kind) => {
    const before = openDescriptors()
    {
      using bpf = loadFor()
      const events = definedEvents()
      // The second byte of `request` is in the middle of its first instruction; the probe of USDT is where one begins.
      const place = 'offset' in target ? { offset: nopOffset() } : target
      const link = attach(bpf, { ...place, interfaces })
      expect(link).toMatchObject({ kind, interface: via, program: 'count' })
      expect(definedEvents().length - events.length).toBe(via === 'tracefs event' ? 1 : 0)
      program.run()
      program.run()
      expect(bpf.count()).toBe(2)
      link.close()
      link.close()
      program.run()
      expect(bpf.count()).toBe(2)
      expect(definedEvents()).toEqual(events)
    }
    expect(openDescriptors()).toBe(before)
  })

  it('runs for several functions', () => {
    using bpf = loadFor()
    using link = attach(bpf, { symbol: ['request', 'idl?'], interfaces })
    expect(link.interface).toBe(via)
    program.run()
    expect(bpf.count()).toBe(2)
  })

  it('runs for a function whose name is only in the symbols that are compressed in the binary', async () => {
    using stripped = testBinary('probes-mini', await readFixture('elf/probes-mini.elf'))
    using bpf = loadFor()
    using _link = attach(bpf, { binary: stripped.path, interfaces })
    stripped.run()
    expect(bpf.count()).toBe(1)
  })

  it('runs at an address', () => {
    using bpf = loadFor()
    using _link = attachUprobe(context, bpf, { binary: program.path, address: addressOf('request'), interfaces })
    program.run()
    expect(bpf.count()).toBe(1)
  })

  it('runs for one process only when told so', () => {
    using bpf = loadFor()
    using others = loadFor()
    const other = spawn('sleep', ['60'])
    onTestFinished(() => void other.kill())
    using _link = attachUprobe(context, bpf, { binary: 'libc', symbol: 'syscall', pid: process.pid, interfaces })
    using _others = attachUprobe(context, others, { binary: 'libc', symbol: 'syscall', pid: other.pid ?? 0, interfaces })
    const runs = bpf.count()
    makeSystemCall()
    // Counting makes a system call as well.
    expect(bpf.count()).toBeGreaterThan(runs)
    expect(others.count()).toBe(0)
  })

  it('is attached to nothing when one of several functions is missing', () => {
    using bpf = loadFor()
    const before = openDescriptors()
    const error = attachErrorOf(() => attach(bpf, { symbol: ['request', 'requests'], interfaces }))
    expect(error.message).toContain('there is no function "requests" in it')
    expect(error.hint).toBe('did you mean request?')
    program.run()
    expect(bpf.count()).toBe(0)
    expect(openDescriptors()).toBe(before)
  })

  it('counts up the counter that it is given, while it is attached', () => {
    using bpf = loadFor()
    using memory = mappedProgram()
    expect(memory.counter()).toBe(0)
    const link = attach(bpf, { refCounter: semaphoreOffset(), interfaces })
    expect(link.interface).toBe(via)
    expect(memory.counter()).toBe(1)
    program.run()
    expect(bpf.count()).toBe(1)
    link.close()
    expect(memory.counter()).toBe(0)
  })
})

describe.skipIf(process.arch !== 'x64').each(['multi link', 'bpf link'] as const)('a uprobe by %s (program for x86-64)', via => {
  it('hands the program a cookie for each place', () => {
    using bpf = load(via === 'multi link' ? AttachType.TraceUprobeMulti : 0, true)
    const cookies: Readonly<Record<string, bigint>> = { request: 7n, idle: 9n }
    using _link = attach(bpf, { symbol: ['idle', 'request'], cookie: point => cookies[point.name] ?? 0n, interfaces: [via] })
    program.run()
    // `idle` is called last.
    expect(bpf.cookie()).toBe(9n)
  })
})

describe.skipIf(process.arch !== 'x64')('a uprobe (program for x86-64)', () => {
  it('is told about by the kernel', () => {
    using bpf = load()
    using link = attach(bpf, { cookie: 3n })
    expect(link.info()).toMatchObject({ kind: 'perfEvent', event: 'uprobe', path: program.path, cookie: 3n })
    using multi = load(AttachType.TraceUprobeMulti)
    using multiLink = attach(multi, { symbol: '*', returns: true })
    expect(multiLink.info()).toMatchObject({ kind: 'uprobeMulti', path: program.path, pid: 0, flags: 1 })
  })

  it('as a session sees entry and return', () => {
    using bpf = load(AttachType.TraceUprobeSession)
    using link = attach(bpf)
    expect(link).toMatchObject({ kind: 'uprobe session', interface: 'multi link' })
    program.run()
    expect(bpf.count()).toBe(2)
  })

  it('needs cookies where it hands them out', () => {
    using bpf = load()
    const error = attachErrorOf(() => attach(bpf, { cookie: 1n, interfaces: ['tracefs event'] }))
    expect(error.message).toContain('it has no cookies')
  })

  it('is not confused by spaces in a path', () => {
    using bpf = load()
    using spaced = testBinary('with space', readFileSync(program.path))
    using _link = attach(bpf, { binary: spaced.path })
    spaced.run()
    expect(bpf.count()).toBe(1)
    expect(attachErrorOf(() => attach(bpf, { binary: spaced.path, interfaces: ['tracefs event'] })).message).toContain(
      'no path with spaces',
    )
  })
})

describe('a uprobe on', () => {
  const errorOf = (target: UprobeTarget) => {
    using bpf = load()
    return attachErrorOf(() => attachUprobe(context, bpf, target))
  }

  it('a library is found by its name', () => {
    using bpf = load()
    for (const binary of ['libc', 'libc.so.6', 'c']) {
      using link = attachUprobe(context, bpf, { binary, symbol: 'syscall' })
      makeSystemCall()
      expect(bpf.count()).toBeGreaterThan(0)
      expect(link.target).toBe(`uprobe ${binary}:syscall`)
    }
  })

  it('a program is found in PATH', () => {
    using bpf = load()
    using link = attachUprobe(context, bpf, { binary: 'node', offset: 0x1000, interfaces: ['bpf link'] })
    expect(link.info()).toMatchObject({ path: expect.stringMatching(/\/node$/) })
  })

  it('a version of a function is not on another', () => {
    using bpf = load()
    const offsetOf = (symbol: string) => {
      using link = attachUprobe(context, bpf, { binary: 'libc', symbol, interfaces: ['bpf link'] })
      return (link.info() as { readonly offset?: number }).offset
    }
    const [old, current] = [offsetOf('realpath@GLIBC_2.2.5'), offsetOf('realpath@GLIBC_2.3')]
    expect(old).not.toBe(current)
    expect(offsetOf('realpath')).toBe(current)
  })

  it('a file that only the process sees', async () => {
    const script = `mount -t tmpfs none /mnt && cp ${program.path} /mnt/probes && echo ready && read go && exec /mnt/probes`
    const child = spawn('unshare', ['-m', 'sh', '-c', script], { stdio: ['pipe', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill())
    await once(child.stdout, 'data')
    using bpf = load()
    const target = { binary: '/mnt/probes', symbol: 'request' }
    expect(attachErrorOf(() => attachUprobe(context, bpf, target)).message).toContain('/mnt/probes cannot be read')
    using _link = attachUprobe(context, bpf, { ...target, pid: child.pid ?? 0 })
    child.stdin.end('go\n')
    await once(child, 'close')
    expect(bpf.count()).toBe(1)
  })

  it('a library that is not there', () => {
    expect(errorOf({ binary: 'libcc', symbol: 'malloc' })).toMatchObject({
      message: 'program "count" cannot be attached to uprobe libcc:malloc: there is no library or program "libcc"',
      hint: expect.stringContaining('libc'),
    })
  })

  it('a file that is not there', () => {
    expect(errorOf({ binary: '/usr/bin/envv', symbol: 'main' })).toMatchObject({
      message: expect.stringContaining('/usr/bin/envv cannot be read'),
      hint: expect.stringContaining('/usr/bin/env'),
    })
  })

  it('a file that is no program', () => {
    using text = testBinary('text', new TextEncoder().encode('#!/bin/sh\n'))
    expect(errorOf({ binary: text.path, symbol: 'main' }).message).toMatch(/not.*ELF/)
  })

  it('the return from inside of a function, which would crash it', () => {
    const error = errorOf({ binary: program.path, symbol: 'request', offset: 4, returns: true })
    expect(error.message).toContain('returns are seen from where a function begins only')
    using session = load(AttachType.TraceUprobeSession)
    expect(attachErrorOf(() => attach(session, { offset: 4 })).message).toContain('from where a function begins only')
  })

  it('a function that is not there', () => {
    expect(errorOf({ binary: 'libc', symbol: 'malocc' })).toMatchObject({
      message: 'program "count" cannot be attached to uprobe libc:malocc: there is no function "malocc" in it',
      hint: expect.stringContaining('malloc'),
    })
  })

  it('a version that is not there', () => {
    expect(errorOf({ binary: 'libc', symbol: 'malloc@GLIBC_9.9' }).message).toContain('there is no function "malloc@GLIBC_9.9"')
  })

  it('a pattern that nothing matches', () => {
    expect(errorOf({ binary: 'libc', symbol: /^no_such_/ }).message).toContain('no function of it matches /^no_such_/')
  })

  it('nothing in particular', () => {
    expect(errorOf({ binary: 'libc' }).message).toContain('neither a function nor an address is given')
  })

  it('a process that is not there', () => {
    expect(errorOf({ binary: 'libc', symbol: 'malloc', pid: 4_000_000 })).toMatchObject({ hint: 'there is no process 4000000' })
  })

  it('an address that is not loaded', () => {
    expect(errorOf({ binary: 'libc', address: 0xffff_ffff_0000n }).message).toContain('no part of the file is loaded at 0xffffffff0000')
  })
})

describe('events of tracefs', () => {
  it('of a process that was killed are swept, those of living ones are not', () => {
    using bpf = load()
    using _link = attachUprobe(context, bpf, { binary: 'libc', symbol: 'syscall', interfaces: ['tracefs event'] })
    const [mine = ''] = definedEvents().filter(name => name.includes(`_${process.pid}_`))
    const file = join(kernel.ensureTracefs(), 'uprobe_events')
    const leftOver = mine.replace(/(_\d+_)\d+(_[^_]+)$/, '$11$2')
    writeFileSync(file, `p:${leftOver} ${process.execPath}:0x1000\n`, { flag: 'a' })
    expect(definedEvents()).toContain(leftOver)
    expect(sweepTracefsEvents(context, 'uprobe_events')).toEqual([leftOver])
    expect(definedEvents()).toContain(mine)
    expect(definedEvents()).not.toContain(leftOver)
  })
})

describe('a library in an archive', () => {
  const elf = readFileSync(program.path)
  const archive = testBinary(
    'app.apk',
    testZip([
      { name: 'lib/libapp.so', contents: elf },
      { name: 'lib/small.so', contents: elf, compressed: true },
    ]),
  )
  afterAll(() => archive[Symbol.dispose]())
  const inArchive = (member: string) => ({ binary: `${archive.path}!/${member}` })

  it('is probed where the archive has it', () => {
    using bpf = load()
    using link = attach(bpf, { ...inArchive('lib/libapp.so'), interfaces: ['bpf link'] })
    const start = readFileSync(archive.path).indexOf(elf)
    expect(link.info()).toMatchObject({ event: 'uprobe', path: archive.path, offset: start + functionIn(program.path, 'request').offset })
  })

  it('must be stored, and be there', () => {
    using bpf = load()
    expect(attachErrorOf(() => attach(bpf, inArchive('lib/small.so'))).message).toContain('is compressed')
    expect(attachErrorOf(() => attach(bpf, inArchive('lib/libap.so'))).hint).toBe('did you mean lib/libapp.so?')
    expect(attachErrorOf(() => attach(bpf, { binary: `${program.path}!/lib/libapp.so` })).message).toContain('it is no archive')
  })
})
