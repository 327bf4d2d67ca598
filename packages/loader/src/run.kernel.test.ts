import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { LoadError } from './errors'
import type { RunOptions } from './test-run'
import { duplicateTo } from './testing/duplicate-to'
import { errorOf } from './testing/error-of'
import { isRoot, kernelTest } from './testing/kernel'

describe.skipIf(!isRoot)('run (needs root)', () => {
  const { openFixture, context } = kernelTest()

  it('returns what the program returned, and the packet as it left it', async () => {
    using object = (await openFixture('legacy/numbered-names.o')).load()
    const data = Uint8Array.from({ length: 60 }, (_, index) => index)
    const drop = object.program('xdp_second').run({ data })
    expect(drop).toMatchObject({ returnValue: 1, data, context: new Uint8Array() })
    expect(object.program('xdp_first').run({ data }).returnValue).toBe(2)
  })

  it('gives a packet program 64 zero bytes when it is given none', async () => {
    using object = (await openFixture('legacy/numbered-names.o')).load()
    expect(object.program('xdp_first').run().data).toEqual(new Uint8Array(64))
  })

  it('runs the program that it was asked for, though that is closed before there is a thread for it', async () => {
    using object = (await openFixture('legacy/numbered-names.o')).load()
    const closed = (await openFixture('legacy/numbered-names.o')).load()
    const busy = Array.from({ length: 4 }, () => object.program('xdp_first').runAsync({ repeat: 2_000_000 }))
    const { fd } = closed.program('xdp_second')
    const waiting = closed.program('xdp_second').runAsync()
    closed.close()
    using taken = duplicateTo(context.sys, fd, object.program('xdp_first').fd)
    expect([taken.fd, (await waiting).returnValue]).toEqual([fd, 1])
    await Promise.all(busy)
  })

  it('repeats for timing and says how long one run takes', async () => {
    using object = (await openFixture('checks/globals.o')).load()
    const { duration } = object.program('copy_settings').run({ repeat: 1000 })
    expect(duration).toBeGreaterThan(0)
    expect(object.variable('runs').get()).toBe(1000n)
  })

  it('passes a context in and out', async () => {
    using object = (await openFixture('object/functions.o')).only('entry_too').load()
    // struct __sk_buff: mark is the third word.
    const skb = new Uint8Array(192)
    new DataView(skb.buffer).setUint32(8, 7, true)
    const before = skb.slice()
    const { context: after } = object.program('entry_too').run({ context: skb })
    expect(new DataView(after.buffer, after.byteOffset).getUint32(8, true)).toBe(7)
    expect(skb).toEqual(before)
  })

  it('runs a syscall program, which may change its context in place', async () => {
    using object = (await openFixture('object/arena.o')).load()
    const argument = new Uint8Array(8)
    const result = object.program('use').run({ context: argument })
    expect(result).toMatchObject({ returnValue: 3, context: new Uint8Array(8), duration: 0 })
    expect(object.variable('shared').get()).toBe(6)
  })

  it('runs a raw tracepoint program on a CPU of choice', async () => {
    using object = (await openFixture('examples/syscall-count.o')).set('target_pid', 0).load()
    const cpu = context.kernel.onlineCpus().at(-1) ?? 0
    const number = 424_242n
    const args = new Uint8Array(new BigUint64Array([0n, number]).buffer)
    expect(object.program('count_syscall').run({ context: args, cpu }).returnValue).toBe(0)
    const counts = object.map('syscalls').get(Number(number)) as bigint[]
    expect(counts.map((count, index) => [index, count]).filter(([, count]) => count === 1n)).toEqual([[cpu, 1n]])
  })

  it('takes a context that is shorter than the kernel gives back', async () => {
    using object = (await openFixture('object/functions.o')).only('entry_too').load()
    const { context: after } = object.program('entry_too').run({ context: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0) })
    expect([after.byteLength > 12, after[8]]).toEqual([true, 7])
  })

  it('says what is wrong with what a program is run on', async () => {
    using object = (await openFixture('legacy/programs.o')).load()
    const hintOf = (name: string, options: RunOptions) => errorOf(LoadError, () => object.program(name).run(options)).hint
    expect(hintOf('on_raw_tracepoint', { data: new Uint8Array(64) })).toMatch(/take no packet/)
    expect(hintOf('on_raw_tracepoint', { cpu: 100_000 })).toMatch(/no such CPU/)
    expect(hintOf('on_socket', { data: new Uint8Array(4) })).toMatch(/an Ethernet header: 14 bytes/)
    expect(hintOf('on_socket', { cpu: 0 })).toMatch(/only raw tracepoint programs/)
    expect(hintOf('on_socket', { liveFrames: {} })).toMatch(/only XDP programs/)
    expect(hintOf('on_socket', { context: Uint8Array.of(1, 0, 0, 0) })).toMatch(/fields that a test run may not set/)
    expect(hintOf('on_socket', { context: new Uint8Array(512).fill(1) })).toMatch(/longer than this kernel knows/)
  })

  it('sends live XDP frames, which really pass the stack', async () => {
    using object = (await openFixture('legacy/programs.o')).load()
    const { returnValue, data } = object
      .program('on_xdp')
      .run({ liveFrames: { batchSize: 8 }, repeat: 32, context: xdpContext(60), data: frame() })
    expect([returnValue, data.length]).toEqual([0, 0])
    const xdpSlot = 4
    const count = object.map('calls').get(xdpSlot) as Uint8Array
    expect(new DataView(count.buffer).getUint32(0, true)).toBe(32)
  })

  it('does not block the thread when asked not to', async () => {
    using object = (await openFixture('checks/globals.o')).load()
    let ticks = 0
    const timer = setInterval(() => ticks++, 1)
    const { returnValue } = await object.program('copy_settings').runAsync({ repeat: 2_000_000 })
    clearInterval(timer)
    expect(returnValue).toBe(0)
    expect(ticks).toBeGreaterThan(0)
  })

  it('statistics of the verifier are there when they are asked for', async () => {
    using quiet = (await openFixture('checks/globals.o')).load()
    expect(quiet.program('initial_values').verifierStatistics).toBeUndefined()
    using object = (await openFixture('checks/globals.o')).load({ log: { level: 4 } })
    const program = object.program('initial_values')
    expect(program.verifierStatistics).toMatchObject({ processedInstructions: program.info().verifiedInstructions, limit: 1_000_000 })
    expect(program.verifierLog.steps).toEqual([])
  })

  it('the walk of the verifier is there as steps, however small the first buffer', async () => {
    using object = (await openFixture('checks/globals.o')).only('copy_settings').load({ log: { level: 2, size: 128 } })
    const { steps, statistics } = object.program('copy_settings').verifierLog
    expect(statistics?.processedInstructions).toBeGreaterThan(10)
    expect(steps.length).toBeGreaterThan(10)
    expect(steps.some(step => step.source?.text.includes('next += 1'))).toBe(true)
  })

  it('planning twice from one spec gives the same plan', async () => {
    const opened = await openFixture('checks/globals.o')
    const first = opened.plan()
    opened.load().close()
    expect(opened.plan()).toEqual(first)
    expect(await readFixture('checks/globals.o')).toBeInstanceOf(Uint8Array)
  })
})

/** `struct xdp_md` for the loopback interface: data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex. */
function xdpContext(length: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(0, length, 0, 1, 0, 0).buffer)
}

/** An Ethernet frame of no protocol that anybody listens to. */
function frame(): Uint8Array {
  const bytes = new Uint8Array(60)
  bytes.set([0x88, 0xb5], 12)
  return bytes
}
