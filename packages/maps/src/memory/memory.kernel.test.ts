import { MapFlag, MapType, mapCreate, mapMemory, Prot } from '@bpf/sys'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { struct, text } from '../codec/declare'
import { s8, u16, u32, u64 } from '../codec/scalars'
import { createMap } from '../map/create'
import { openMap } from '../map/open'
import { countResources, createContext, root } from '../testing/context'
import { Globals, type GlobalVariable } from './globals'
import { MappedArray } from './mapped-array'

const context = createContext()
const { sys } = context

describe.skipIf(!root)('maps as memory (needs root)', () => {
  let before: ReturnType<typeof countResources>
  beforeAll(() => {
    before = countResources()
  })
  afterAll(() => {
    expect(countResources()).toEqual(before)
  })

  describe('MappedArray', () => {
    const value = struct({ hits: u64, name: text(5) })
    const create = (flags: number = MapFlag.Mmapable, maxEntries = 3) =>
      createMap(context, { type: MapType.Array, name: 'slots', key: u32, value, maxEntries, flags })
    const open = (map: ReturnType<typeof create>) => new MappedArray({ sys, fd: map.fd, shape: map.shape }, value)

    it('shows what the map holds, and writes to it', () => {
      using map = create()
      using memory = open(map)
      map.set(1, { hits: 7n, name: 'seven' })
      expect(memory.get(1)).toEqual({ hits: 7n, name: 'seven' })
      memory.set(2, { hits: 1n, name: 'one' })
      expect(map.get(2)).toEqual({ hits: 1n, name: 'one' })
      expect([...memory].map(({ hits }) => hits)).toEqual([0n, 7n, 1n])
      expect([memory.length, memory.writable]).toEqual([3, true])
    })

    it('finds values beyond the first page', () => {
      using map = create(MapFlag.Mmapable, 5000)
      using memory = open(map)
      map.set(4999, { hits: 7n, name: 'last' })
      expect(memory.get(4999)).toEqual({ hits: 7n, name: 'last' })
    })

    it('refuses what would be a crash: indexes outside, writing what is frozen, anything after close', () => {
      using map = create()
      map.freeze()
      const memory = open(map)
      expect(memory.writable).toBe(false)
      expect(() => memory.set(0, { hits: 0n, name: '' })).toThrow('map "slots": is read-only')
      for (const index of [-1, 3, 0.5, Number.NaN]) expect(() => memory.get(index)).toThrow('map "slots": has no index')
      memory.close()
      memory.close()
      expect(() => memory.get(0)).toThrow('is closed')
      expect(() => memory.set(0, { hits: 0n, name: '' })).toThrow('is closed')
    })

    it('says which maps cannot be mapped', () => {
      using map = create(0)
      expect(() => open(map)).toThrow('map "slots": cannot be mapped: it is no array with BPF_F_MMAPABLE')
    })
  })

  describe.each([
    ['mapped', MapFlag.Mmapable],
    ['not mapped', 0],
  ])('Globals, %s', (_, flags) => {
    const section = struct({ runs: u64, level: s8, port: u16, limit: u32, comm: text(16) })
    const variables: GlobalVariable[] = [
      { name: 'runs', offset: 0, codec: u64 },
      { name: 'level', offset: 8, codec: s8 },
      { name: 'port', offset: 10, codec: u16 },
      { name: 'limit', offset: 12, codec: u32 },
      { name: 'comm', offset: 16, codec: text(16) },
      { name: 'beyond', offset: 32, codec: u32 },
    ]
    type Variables = { runs: bigint; level: number; port: number; limit: number; comm: string }
    const create = (extra = 0) =>
      createMap(context, { type: MapType.Array, name: '.data', key: u32, value: section, maxEntries: 1, flags: flags | extra })
    const open = (map: ReturnType<typeof create>) => new Globals<Variables>({ sys, fd: map.fd, shape: map.shape, variables })
    const zero = { runs: 0n, level: 0, port: 0, limit: 0, comm: '' }

    it('reads and writes variables of every size', () => {
      using map = create()
      using globals = open(map)
      expect([globals.live, globals.writable]).toEqual([flags !== 0, true])
      expect(globals.snapshot()).toEqual(zero)
      const values = { runs: 2n ** 63n, level: -3, port: 443, limit: 2 ** 32 - 1, comm: 'bash' }
      globals.set('runs', values.runs)
      globals.set('level', values.level)
      globals.set('port', values.port)
      Object.assign(globals.values, { limit: values.limit, comm: values.comm })
      expect(map.get(0)).toEqual(values)
      expect([globals.snapshot(), globals.get('port'), globals.values.comm]).toEqual([values, 443, 'bash'])
      map.set(0, zero)
      expect(globals.values.limit).toBe(0)
    })

    it('leaves a variable alone when its new value does not fit', () => {
      using map = create()
      using globals = open(map)
      globals.set('limit', 7)
      expect(() => globals.set('limit', -1)).toThrow('expected an unsigned 32-bit integer, got -1 (number)')
      expect(() => globals.set('comm', 'much longer than sixteen')).toThrow('expected text of at most 16 bytes')
      expect(map.get(0)).toEqual({ ...zero, limit: 7 })
    })

    it('knows what is not there, and what would be outside', () => {
      using map = create()
      using globals = open(map)
      expect(globals.names).toEqual(['runs', 'level', 'port', 'limit', 'comm'])
      expect([globals.has('runs'), globals.has('beyond')]).toEqual([true, false])
      expect(() => globals.get('rums' as 'runs')).toThrow(
        expect.objectContaining({ code: 'ERR_BPF_VARIABLE', hint: 'did you mean "runs"?' }),
      )
    })

    it('does not write what is frozen or read-only for programs', () => {
      using map = create(MapFlag.RdonlyProg)
      map.freeze()
      using globals = open(map)
      expect(globals.get('runs')).toBe(0n)
      expect(() => globals.set('runs', 1n)).toThrow('variable "runs" is constant once the object is loaded')
      expect(globals.get('runs')).toBe(0n)
    })
  })

  describe('ArenaMap', () => {
    const pages = 4
    const create = (flags = 0) =>
      createMap(context, { type: MapType.Arena, name: 'arena', maxEntries: pages, flags: MapFlag.Mmapable | flags })

    it('is memory by offset: bytes, values, a live view', () => {
      using arena = create()
      expect(arena.size).toBe(pages * sys.native.pageSize)
      arena.write(8, Uint8Array.of(1, 2, 3))
      expect(arena.read(7, 5)).toEqual(Uint8Array.of(0, 1, 2, 3, 0))
      arena.set(16, u64, 77n)
      expect([arena.get(16, u64), arena.view(16, 8).getBigUint64(0, true)]).toEqual([77n, 77n])
    })

    it('knows where pointers point to', () => {
      using arena = create()
      expect(arena.offsetOf(arena.address + 100n)).toBe(100)
      expect(arena.offsetOf(BigInt.asUintN(32, arena.address + 100n))).toBe(100)
      expect(arena.offsetOf(arena.address - 1n)).toBeUndefined()
      expect(arena.offsetOf(arena.address + (1n << 32n))).toBeUndefined()
      expect(arena.offsetOf(arena.address + BigInt(arena.size))).toBeUndefined()
    })

    it('cannot be left, and is gone when closed, whatever views are left', () => {
      const arena = create()
      const view = arena.view()
      for (const [offset, length] of [
        [-1, 1],
        [0, arena.size + 1],
        [arena.size, 1],
        [0.5, 1],
      ] as const) {
        expect(() => arena.read(offset, length)).toThrow(`are not within its ${arena.size} bytes`)
      }
      view.setUint8(0, 1)
      arena.close()
      expect(() => arena.read(0, 1)).toThrow('map "arena" is closed')
      let left: number | undefined
      try {
        left = view.getUint8(0)
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
      }
      expect([undefined, 0]).toContain(left)
    })

    it('does not end the process where touching a page that nobody made would', () => {
      using arena = create(MapFlag.SegvOnFault)
      expect(() => arena.view()).toThrow('cannot be viewed')
      expect(() => arena.read(0, 8)).toThrow('map "arena": has no page there')
      expect(() => arena.write(0, new Uint8Array(8))).toThrow('map "arena": has no page there')
    })

    it('takes over memory that is mapped already', () => {
      const shape = { name: 'arena', type: MapType.Arena, keySize: 0, valueSize: 0, maxEntries: pages, flags: MapFlag.Mmapable }
      const fd = mapCreate(sys, shape)
      const memory = mapMemory(sys, { fd: fd.fd, length: pages * sys.native.pageSize, prot: Prot.Read | Prot.Write })
      using arena = openMap(context, { fd, shape, memory })
      new Uint8Array(memory.buffer)[5] = 9
      expect(arena.kind === 'arena' && [arena.address, ...arena.read(5, 1)]).toEqual([memory.address, 9])
    })
  })
})
