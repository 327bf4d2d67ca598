import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  btfLoad,
  createSys,
  ElemFlag,
  EpollEvent,
  Errno,
  formatCall,
  ids,
  infoLayouts,
  MapMemory,
  MapType,
  mapCreate,
  mapMemory,
  mapOps,
  objGetInfo,
  ProgLoadError,
  ProgType,
  Prot,
  progLoad,
  progLoadAsync,
  SyscallError,
  type TracedCall,
} from './index'

const openFds = () => readdirSync('/proc/self/fd').length
const returnZero = Uint8Array.from([0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0])
const exitOnly = returnZero.slice(8)

describe('maps', () => {
  it('creates, fills, walks and closes', () => {
    const sys = createSys()
    const before = openFds()
    {
      using map = mapCreate(sys, { type: MapType.Hash, keySize: 4, valueSize: 8, maxEntries: 16, name: 'test_map' })
      expect(map.fd).toBeGreaterThan(2)
      const ops = mapOps(sys, map.fd, { keySize: 4, valueSize: 8 })
      ops.key.set([1, 2, 3, 4])
      ops.value.fill(7)
      expect(ops.lookup()).toBe(Errno.ENOENT)
      expect(ops.update()).toBe(0)
      expect(ops.update(ElemFlag.Noexist)).toBe(Errno.EEXIST)
      ops.value.fill(0)
      expect(ops.lookup()).toBe(0)
      expect([...ops.value]).toEqual([7, 7, 7, 7, 7, 7, 7, 7])
      expect(ops.first()).toBe(0)
      expect([...ops.nextKey]).toEqual([1, 2, 3, 4])
      ops.key.set(ops.nextKey)
      expect(ops.next()).toBe(Errno.ENOENT)
      expect(ops.delete()).toBe(0)
      expect(ops.delete()).toBe(Errno.ENOENT)
      const info = objGetInfo(sys, map.fd, infoLayouts.mapInfo, {})
      expect(info).toMatchObject({ type: MapType.Hash, keySize: 4, valueSize: 8, maxEntries: 16, name: 'test_map' })
      expect([...ids(sys, 'map')]).toContain(info.id)
    }
    expect(openFds()).toBe(before)
  })

  it('works on memory of the caller', () => {
    const sys = createSys()
    using map = mapCreate(sys, { type: MapType.Hash, keySize: 4, valueSize: 8, maxEntries: 16 })
    const record = new Uint8Array(24)
    const ops = mapOps(sys, map.fd, { keySize: 4, valueSize: 8, key: record.subarray(4, 8), value: record.subarray(16) })
    record.set([1, 2, 3, 4], 4)
    record.fill(7, 16)
    expect(ops.update()).toBe(0)
    record.fill(0, 16)
    expect(ops.lookup()).toBe(0)
    expect([...record]).toEqual([0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 7, 7, 7, 7, 7, 7, 7, 7])
    expect(() => mapOps(sys, map.fd, { keySize: 4, valueSize: 8, value: record })).toThrow('value: expected 8 bytes, got 24 bytes')
  })

  it('says what was wrong', () => {
    const calls: TracedCall[] = []
    const sys = createSys({ trace: call => calls.push(call) })
    expect(() => mapCreate(sys, { type: MapType.Hash, keySize: 0, valueSize: 4, maxEntries: 1, name: 'bad' })).toThrow(SyscallError)
    expect(calls.map(formatCall)).toEqual([
      'bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_HASH, value_size=4, max_entries=1, map_name="bad"}) = -1 EINVAL (invalid argument)',
    ])
  })
})

describe('programs', () => {
  it('loads one', async () => {
    const sys = createSys()
    const log = { buffer: new Uint8Array(4096), level: 2 }
    const loaded = progLoad(sys, { type: ProgType.SocketFilter, insns: returnZero, license: 'GPL', log })
    expect(loaded.log).toContain('processed 2 insns')
    expect(loaded.logTrueSize).toBe(loaded.log.length + 1)
    expect(objGetInfo(sys, loaded.fd.fd, infoLayouts.progInfo, {}).xlatedProgLen).toBe(16)
    loaded.fd.close()
    const again = await progLoadAsync(sys, { type: ProgType.SocketFilter, insns: returnZero, license: 'GPL', log })
    again.fd.close()
  })

  it('carries the verifier log of one that is refused', () => {
    const sys = createSys()
    const log = { buffer: new Uint8Array(4096), level: 1 }
    try {
      progLoad(sys, { type: ProgType.SocketFilter, insns: exitOnly, license: 'GPL', log })
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(ProgLoadError)
      expect((error as ProgLoadError).log).toContain('R0 !read_ok')
    }
  })

  it('refuses BTF that is none', () => {
    expect(() => btfLoad(createSys(), { btf: new Uint8Array(24) })).toThrow('BPF_BTF_LOAD failed with EINVAL')
  })
})

describe('memory', () => {
  it('maps an array and survives being read after it is gone', () => {
    const sys = createSys()
    using map = mapCreate(sys, { type: MapType.Array, keySize: 4, valueSize: 8, maxEntries: 4, flags: 1 << 10 })
    const mapping = mapMemory(sys, { fd: map.fd, length: sys.native.pageSize, prot: Prot.Read | Prot.Write, flags: MapMemory.Shared })
    const words = new BigUint64Array(mapping.buffer)
    words[1] = 0x1122334455667788n
    const ops = mapOps(sys, map.fd, { keySize: 4, valueSize: 8 })
    ops.key.set([1, 0, 0, 0])
    expect(ops.lookup()).toBe(0)
    expect([...ops.value]).toEqual([0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11])
    mapping.close()
    expect([undefined, 0n]).toContain(words[1])
    expect(() => mapping.buffer).toThrow('is closed')
  })
})

describe('reactor', () => {
  it('wakes up for a descriptor and leaves nothing behind', async () => {
    const sys = createSys()
    const before = openFds()
    const { eventfd, writeFd } = await import('./file')
    using event = eventfd(sys)
    const woken = await new Promise<number>(resolve => {
      const source = sys.reactor.add(
        event.fd,
        events => {
          source.close()
          resolve(events)
        },
        { ref: true },
      )
      writeFd(sys, event.fd, new BigUint64Array([1n]))
    })
    expect(woken & EpollEvent.In).toBe(EpollEvent.In)
    event.close()
    expect(sys.reactor.size).toBe(0)
    expect(openFds()).toBe(before)
  })
})
