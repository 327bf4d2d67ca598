import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFixture } from '@bpf/fixtures'
import { AttachType, type Fd, MapType, mapCreate, mapOps, type OwnedFd, ProgType } from '@bpf/sys'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { type CountingProgram, countingProgram } from '../testing/counting-program'
import { attachErrorOf } from '../testing/errors'
import { testBinary } from '../testing/test-binary'
import { openDescriptors, testContext } from '../testing/test-context'
import { UsdtSpecs } from './specs'
import { attachUsdt, type UsdtTarget } from './usdt'

const context = testContext()
const { sys } = context

/** Has `server:request` with a semaphore in two places, `server:idle` in one; passes each once. For x86-64. */
const program = testBinary('probes', await readFixture('elf/probes.elf'))
afterAll(() => program[Symbol.dispose]())

/** A process that becomes the program when it is told to. */
function waitingProgram() {
  const child = spawn('sh', ['-c', 'read _; exec "$0"', program.path], { stdio: ['pipe', 'ignore', 'inherit'] })
  onTestFinished(() => void child.kill())
  const ended = once(child, 'exit')
  return {
    pid: child.pid ?? 0,
    /** To its end. */
    async run() {
      child.stdin.end('\n')
      expect(await ended).toEqual([0, null])
    },
  }
}

const load = (expectedAttachType: number = AttachType.TraceUprobeMulti) =>
  countingProgram(sys, { type: ProgType.Kprobe, expectedAttachType, cookie: true })
const attach = (bpf: CountingProgram, target: Partial<UsdtTarget> = {}) =>
  attachUsdt(context, bpf, { binary: program.path, provider: 'server', name: 'request', ...target })

const specSizes = { 'libbpf before 1.7': 208, 'libbpf since 1.7': 304 } as const
const specMap = (valueSize: number, maxEntries = 8) => mapCreate(sys, { type: MapType.Array, keySize: 4, valueSize, maxEntries })
function entry(map: OwnedFd, index: number, valueSize: number): DataView {
  const ops = mapOps(sys, map.fd as Fd, { keySize: 4, valueSize })
  new DataView(ops.key.buffer, ops.key.byteOffset).setUint32(0, index, true)
  expect(ops.lookup()).toBe(0)
  return new DataView(ops.value.buffer, ops.value.byteOffset, valueSize)
}

describe.skipIf(process.arch !== 'x64').each([
  ['multi link', AttachType.TraceUprobeMulti],
  ['bpf link', 0],
] as const)('a USDT probe by %s (program for x86-64)', (via, attachType) => {
  it('runs the program wherever it was compiled in, until it is detached', () => {
    const before = openDescriptors()
    {
      using bpf = load(attachType)
      const link = attach(bpf, { cookie: 0x77n })
      expect(link.interface).toBe(via)
      program.run()
      expect(bpf.count()).toBe(2)
      expect(bpf.cookie()).toBe(0x77n)
      link.close()
      program.run()
      expect(bpf.count()).toBe(2)
    }
    expect(openDescriptors()).toBe(before)
  })

  it('runs for one process only when told so', async () => {
    using bpf = load(attachType)
    const [watched, other] = [waitingProgram(), waitingProgram()]
    using link = attach(bpf, { pid: watched.pid })
    expect(link.interface).toBe(via)
    await other.run()
    expect(bpf.count()).toBe(0)
    await watched.run()
    expect(bpf.count()).toBe(2)
  })

  it('tells the program where the arguments are, in its maps', () => {
    const valueSize = specSizes['libbpf since 1.7']
    using map = specMap(valueSize)
    using bpf = load(attachType)
    const specs = new UsdtSpecs(sys, { specs: map })
    using _link = attach(bpf, { specs, cookie: 5n })
    program.run()
    // The cookie is the specification of the place that was hit last, whose arguments are the constants 7 and 9.
    const last = entry(map, Number(bpf.cookie()), valueSize)
    expect([last.getBigUint64(0, true), last.getUint8(8)]).toEqual([7n, 0])
    expect([last.getBigUint64(24, true), last.getUint8(24 + 8)]).toEqual([9n, 0])
    expect([last.getBigUint64(288, true), last.getInt16(296, true)]).toEqual([5n, 2])
  })
})

describe.skipIf(process.arch !== 'x64')('a USDT probe (program for x86-64)', () => {
  it.each(Object.entries(specSizes))('is described as %s does', (_, valueSize) => {
    using map = specMap(valueSize)
    const specs = new UsdtSpecs(sys, { specs: map })
    using bpf = load()
    using _link = attach(bpf, { specs, name: 'idle' })
    const spec = entry(map, 0, valueSize)
    expect(spec.getInt16(valueSize - 8, true)).toBe(0)
  })

  it('gives its places back', () => {
    using map = specMap(specSizes['libbpf since 1.7'], 2)
    const specs = new UsdtSpecs(sys, { specs: map })
    using bpf = load()
    const first = attach(bpf, { specs })
    const refused = attachErrorOf(() => attach(bpf, { specs }))
    expect(refused.message).toContain('all 2 places for probe specifications are taken')
    expect(refused.hint).toContain('__bpf_usdt_specs')
    first.close()
    first.close()
    attach(bpf, { specs }).close()
    attach(bpf, { specs }).close()
  })

  it('is found among those that the binary has', () => {
    using bpf = load()
    expect(attachErrorOf(() => attach(bpf, { name: 'reqest' }))).toMatchObject({
      message: expect.stringContaining('the binary has no such probe'),
      hint: 'did you mean server:request?',
    })
    expect(attachErrorOf(() => attach(bpf, { provider: 'x', name: 'y' })).hint).toBe('it has server:request, server:idle')
  })

  it('is not in every binary', () => {
    using bpf = load()
    const error = attachErrorOf(() => attach(bpf, { binary: 'true' }))
    expect(error.message).toContain('the binary has no USDT probes')
    expect(error.hint).toContain('uprobes')
  })
})
