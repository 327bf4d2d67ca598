import { readFixture } from '@bpf/fixtures'
import { ObjectError, ProgType } from '@bpf/object'
import { Errno, getMapInfo, isSyscallError, MapType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { LoadError } from './errors'
import { errorOf } from './testing/error-of'
import { isRoot, kernelTest } from './testing/kernel'

describe.skipIf(!isRoot)('objects of the time before BTF (needs root)', () => {
  const { openFixture, context } = kernelTest()
  const shapeOf = (map: { readonly fd: number }) => {
    const { type, keySize, valueSize, maxEntries, flags } = getMapInfo(context.sys, map.fd as Parameters<typeof getMapInfo>[1])
    return { type, keySize, valueSize, maxEntries, flags }
  }

  it('a program of every section that old loaders know is loaded', async () => {
    using object = (await openFixture('legacy/programs.o')).load()
    expect([...object.programs.values()].map(({ name, type }) => [name, type])).toEqual([
      ['on_kprobe', ProgType.Kprobe],
      ['on_kretprobe', ProgType.Kprobe],
      ['on_tracepoint', ProgType.Tracepoint],
      ['on_raw_tracepoint', ProgType.RawTracepoint],
      ['on_xdp', ProgType.Xdp],
      ['on_perf_event', ProgType.PerfEvent],
      ['on_socket', ProgType.SocketFilter],
      ['on_cgroup_skb', ProgType.CgroupSkb],
      ['on_cgroup_sock', ProgType.CgroupSock],
      ['on_sockops', ProgType.SockOps],
      ['on_sk_skb', ProgType.SkSkb],
      ['on_sk_msg', ProgType.SkMsg],
    ])
  })

  it('its programs count in the map that they share, whose values are raw bytes', async () => {
    using object = (await openFixture('legacy/programs.o')).load()
    const slot = { xdp: 4, socket: 6 }
    expect(object.program('on_xdp').run().returnValue).toBe(2)
    object.program('on_socket').run({ repeat: 3 })
    const counts = new BigUint64Array(12)
    for (const [index, [, value]] of [...object.map('calls')].entries())
      counts[index] = new DataView((value as Uint8Array).buffer).getBigUint64(0, true)
    expect([counts[slot.xdp], counts[slot.socket], counts[0]]).toEqual([1n, 3n, 0n])
  })

  it('sections that only begin like known ones get the type of those', async () => {
    using object = (await openFixture('legacy/numbered-names.o')).load()
    expect(object.program('xdp_second').run().returnValue).toBe(1)
    expect(object.programs.size).toBe(7)
  })

  it('socket/N goes into slot N of the program array and is not attached', async () => {
    using object = (await openFixture('legacy/tail-calls.o')).load()
    const choose = (slot: number) => object.map('choice').set(0, word(slot))
    const run = () => object.program('entry').run().returnValue
    choose(0)
    expect(run()).toBe(10)
    choose(1)
    expect(run()).toBe(20)
    choose(2)
    expect(run()).toBe(1)
    expect(object.attach().links).toEqual([])
  })

  it('kprobe/N goes into slot N as well', async () => {
    using object = (await openFixture('legacy/kprobe-slots.o')).load()
    const filled = [...Array(8).keys()].filter(slot => object.map('slots', 'descriptors').has(slot))
    expect(filled).toEqual([7])
  })

  for (const [fields, flags] of [
    ['4-fields', 0],
    ['5-fields', 1],
    ['7-fields', 1],
    ['zero-tail', 1],
  ] as const) {
    it(`map definitions: ${fields}`, async () => {
      using object = (await openFixture(`legacy/map-def-${fields}.o`)).load()
      expect(shapeOf(object.map('first'))).toEqual({ type: MapType.Array, keySize: 4, valueSize: 8, maxEntries: 2, flags: 0 })
      expect(shapeOf(object.map('second'))).toEqual({ type: MapType.Hash, keySize: 4, valueSize: 8, maxEntries: 16, flags })
    })
  }

  it('map definitions with an unknown field that is set are refused, by name of the map', async () => {
    await expect(openFixture('legacy/map-def-nonzero-tail.o')).rejects.toThrow(ObjectError)
    await expect(openFixture('legacy/map-def-nonzero-tail.o')).rejects.toThrow(/"second"/)
  })

  it('map symbols without sizes, and in reverse order', async () => {
    using object = (await openFixture('legacy/no-symbol-sizes.o')).load()
    expect(object.maps.size).toBeGreaterThan(1)
  })

  it('the template of inner maps is the one that inner_map_idx names', async () => {
    using object = (await openFixture('legacy/map-in-map.o')).load()
    object.map('outer', 'mapOfMaps').set(0, object.map('a_template'))
    object.program('use_maps').run()
    const [, value] = [...object.map('a_template')][0] ?? []
    expect(value).toEqual(Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 0]))
    const hashIntoArray = () => object.map('outer', 'mapOfMaps').set(1, object.map('other'))
    expect(hashIntoArray).toThrow('EINVAL')
  })

  it('definitions of iproute2 and gobpf: inner maps by id and index, node, pinning kept for the caller', async () => {
    const opened = await openFixture('legacy/known-tails.o')
    const spec = (name: string) => opened.spec.maps.find(map => map.name === name)
    expect(spec('old')?.pinning).toBe(1)
    expect(spec('on_node')?.numaNode).toBe(1)
    // This machine may have one node only.
    Object.assign(spec('on_node') ?? {}, { numaNode: 0 })
    // Its program only refers to the maps, in ways that no verifier accepts.
    using object = opened.load({ keepGoing: true })
    expect(object.failures.map(failure => failure.name)).toEqual(['use'])
    expect([...Array(5).keys()].filter(slot => object.map('outer', 'mapOfMaps').has(slot))).toEqual([3])
    expect(shapeOf(object.map('events'))).toMatchObject({ type: MapType.PerfEventArray, maxEntries: 128 })
  })

  it('a static map is found by its place', async () => {
    const opened = await openFixture('legacy/static-map.o')
    for (const map of opened.spec.maps) map.valueSize = 8
    using object = opened.load()
    object.map('second').set(word(1), new Uint8Array(8))
    object.program('use_maps').run()
    expect(object.map('second').get(word(1))).toEqual(Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 0]))
  })

  it('types of key and value in a struct named after the map decode them', async () => {
    using object = (await openFixture('legacy/annotated.o')).load()
    object.map('totals').set(5, { packets: 1, bytes: 2 })
    expect([...object.map('totals')]).toEqual([[5, { packets: 1, bytes: 2 }]])
  })

  it('the version section is passed on to the kernel', async () => {
    const opened = await openFixture('legacy/programs.o')
    opened.spec.version = 0x040f02
    expect(opened.plan().programs[0]).toMatchObject({ kernelVersion: 0x040f02 })
  })

  it('a map that the kernel refuses is named, with what it was asked for', async () => {
    const opened = await openFixture('legacy/map-def-5-fields.o')
    for (const map of opened.spec.maps) map.maxEntries = 0
    const error = errorOf(LoadError, () => opened.load())
    expect(error).toMatchObject({ stage: 'map', subject: 'first', code: 'ERR_BPF_LOAD' })
    expect(error.message).toBe('map "first" could not be created: EINVAL')
    expect(error.hint).toBe('its max_entries is 0: the program that uses this object sets it before loading')
    expect(isSyscallError(error.cause, Errno.EINVAL)).toBe(true)
  })

  it('a Buffer is read without being changed, and its later fate does not matter', async () => {
    const bytes = Buffer.from(await readFixture('legacy/tail-calls.o'))
    const before = Buffer.from(bytes)
    const { open } = await import('./open')
    const opened = open(bytes, { context })
    opened.load().close()
    expect(bytes.equals(before)).toBe(true)
  })
})

function word(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer)
}
