import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { BtfBuilder } from '@bpf/btf'
import { btfLoad, getMapInfo, MapFlag, MapType, mapCreate, ProgType, progLoad } from '@bpf/sys'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { u32 } from '../codec/scalars'
import { createMap } from '../map/create'
import { openMapById, openPinnedMap } from '../map/open'
import type { MapShape } from '../map/shape'
import { countResources, createContext, root } from '../testing/context'
import { checkPinDirectory, pinObject } from './pin'
import { obtainPinnedMap, type PinPolicy } from './pinned-map'

const context = createContext()
const { sys } = context
const bpffs = context.kernel.bpffs()[0]
const directory = `${bpffs}/bpf_maps_${process.pid}`
const path = `${directory}/counts`
const returnZero = Uint8Array.from([0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0])

const createCounts = (maxEntries = 8) => createMap(context, { type: MapType.Hash, name: 'counts', key: u32, value: u32, maxEntries })

describe.skipIf(!root || bpffs === undefined)('pins (needs root and a bpf file system)', () => {
  let before: ReturnType<typeof countResources>
  beforeAll(() => {
    before = countResources()
    mkdirSync(directory)
  })
  afterEach(() => {
    for (const file of readdirSync(directory)) rmSync(`${directory}/${file}`, { recursive: true })
  })
  afterAll(() => {
    rmSync(directory, { recursive: true })
    expect(countResources()).toEqual(before)
  })

  it('outlives its handle, and goes with the pin', () => {
    {
      using map = createCounts()
      map.set(1, 7)
      map.pin(path)
    }
    using again = openPinnedMap(context, path, { key: u32, value: u32 })
    expect(again.kind === 'keyed' && again.get(1)).toBe(7)
    expect([again.unpin(path), again.unpin(path), existsSync(path)]).toEqual([true, false, false])
  })

  it('makes directories that are missing', () => {
    using map = createCounts()
    map.pin(`${directory}/deeper/still/counts`)
    expect(existsSync(`${directory}/deeper/still/counts`)).toBe(true)
  })

  it('leaves no directory that was made in vain', () => {
    using map = createCounts()
    expect(() => map.pin(`${directory}/deeper/still/a.b`)).toThrow('cannot be a pin: the kernel allows no dots')
    expect(() => map.pin(`${directory}/deeper/st.ill/counts`)).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_PIN', hint: 'call it deeper/st_ill/counts' }),
    )
    expect(readdirSync(directory)).toEqual([])
  })

  it('says what stands in the way', () => {
    using map = createCounts()
    map.pin(path)
    expect(() => map.pin(path)).toThrow(expect.objectContaining({ code: 'ERR_BPF_PIN_EXISTS', path }))
    expect(() => map.pin(`${directory}/a.b`)).toThrow(
      expect.objectContaining({ message: expect.stringContaining('no dots in the names of pins'), hint: 'call it a_b' }),
    )
    expect(() => checkPinDirectory(`${directory}/deeper/a.b`)).toThrow(expect.objectContaining({ hint: 'call it deeper/a_b' }))
    expect(() => checkPinDirectory(directory)).not.toThrow()
    expect(() => map.pin('/tmp/counts')).toThrow(
      expect.objectContaining({
        code: 'ERR_BPF_PIN',
        message: expect.stringMatching(/^\/tmp\/counts cannot be a pin: \/tmp is on \w+, not on a bpf file system$/),
        hint: 'take a path below /sys/fs/bpf',
      }),
    )
    expect(() => openPinnedMap(context, `${directory}/none`)).toThrow('has no map: nothing is pinned there')
  })

  it('replaces in one step, and removes only its own pin', () => {
    using old = createCounts()
    using fresh = createCounts()
    old.pin(path)
    fresh.pin(path, { ifExists: 'replace' })
    expect(readdirSync(directory)).toEqual(['counts'])
    using found = openPinnedMap(context, path)
    expect(found.info().id).toBe(fresh.info().id)
    expect(() => old.unpin(path)).toThrow(expect.objectContaining({ code: 'ERR_BPF_PIN_FOREIGN' }))
    expect(existsSync(path)).toBe(true)
  })

  it('decodes by the BTF that the map was created with, by path and by id', () => {
    const builder = new BtfBuilder()
    const int = builder.add({ kind: 'int', name: 'int', size: 4, encoding: { signed: true } })
    const point = builder.add({
      kind: 'struct',
      name: 'point',
      size: 8,
      members: [
        { name: 'x', type: int, bitOffset: 0, bitSize: 0 },
        { name: 'y', type: int, bitOffset: 32, bitSize: 0 },
      ],
    })
    using btf = btfLoad(sys, { btf: builder.toBytes() }).fd
    const types = { btfFd: btf.fd, btfKeyTypeId: int, btfValueTypeId: point }
    using map = createMap(context, { type: MapType.Hash, name: 'points', keySize: 4, valueSize: 8, maxEntries: 2, ...types })
    map.set(Uint8Array.of(255, 255, 255, 255), Uint8Array.of(1, 0, 0, 0, 2, 0, 0, 0))
    map.pin(path)
    for (const open of [() => openPinnedMap(context, path), () => openMapById(context, map.info().id)]) {
      using typed = open()
      expect(typed.kind === 'keyed' && [...typed]).toEqual([[-1, { x: 1, y: 2 }]])
      expect(typed.name).toBe('points')
    }
  })

  describe('policies', () => {
    const wanted: MapShape = { name: 'counts', type: MapType.Hash, keySize: 4, valueSize: 4, maxEntries: 8, flags: 0 }
    const obtainMap = (policy?: PinPolicy, changes: Partial<MapShape> = {}) => {
      const shape = { ...wanted, ...changes }
      const { name, type, keySize, valueSize, maxEntries, flags } = shape
      return obtainPinnedMap(context, {
        path,
        policy,
        wanted: shape,
        create: () => mapCreate(sys, { name, type, keySize, valueSize, maxEntries, flags }),
      })
    }

    it('reuse: the same map the second time', () => {
      const first = obtainMap()
      const second = obtainMap('reuse')
      using a = first.fd
      using b = second.fd
      expect([first.reused, second.reused]).toEqual([false, true])
      expect([a.closed, b.closed]).toEqual([false, false])
    })

    it('reuse: says field by field why it cannot, and leaves the pin', () => {
      obtainMap().fd.close()
      const changes = { type: MapType.LruHash, valueSize: 8, maxEntries: 16, flags: MapFlag.NoCommonLru }
      expect(() => obtainMap('reuse', changes)).toThrow(
        expect.objectContaining({
          code: 'ERR_BPF_PIN_MISMATCH',
          message: `${path} cannot be reused for map "counts": type is hash, not lru_hash; valueSize is 4, not 8; maxEntries is 8, not 16; flags is none, not NoCommonLru`,
          differences: [
            { field: 'type', wanted: 'lru_hash', found: 'hash' },
            { field: 'valueSize', wanted: '8', found: '4' },
            { field: 'maxEntries', wanted: '16', found: '8' },
            { field: 'flags', wanted: 'NoCommonLru', found: 'none' },
          ],
        }),
      )
      expect(existsSync(path)).toBe(true)
    })

    it('reuse: knows what the kernel makes of what was asked for', () => {
      const { pageSize } = sys.native
      const ring = { type: MapType.Ringbuf, keySize: 0, valueSize: 0, maxEntries: 2 * pageSize }
      obtainMap('reuse', ring).fd.close()
      const rounded = obtainMap('reuse', { ...ring, maxEntries: 2 * pageSize - 100 })
      expect(rounded.reused).toBe(true)
      rounded.fd.close()
      expect(() => obtainMap('reuse', { ...ring, maxEntries: pageSize })).toThrow(`maxEntries is ${2 * pageSize}, not ${pageSize}`)
      rmSync(path)
      const devices = { type: MapType.Devmap }
      obtainMap('reuse', devices).fd.close()
      const again = obtainMap('reuse', devices)
      expect(again.reused).toBe(true)
      again.fd.close()
    })

    it('reuse: what somebody else pins at the same moment', () => {
      using theirs = createCounts()
      const { type, keySize, valueSize, maxEntries } = wanted
      const create = () => {
        theirs.pin(path)
        return mapCreate(sys, { type, keySize, valueSize, maxEntries })
      }
      const { fd, reused } = obtainPinnedMap(context, { path, wanted, create })
      using owned = fd
      expect([reused, getMapInfo(sys, owned.fd).id]).toEqual([true, theirs.info().id])
    })

    it('reuse: not of what is no map', () => {
      using program = progLoad(sys, { type: ProgType.SocketFilter, insns: returnZero, license: 'GPL' }).fd
      pinObject(sys, program.fd, path)
      expect(() => obtainMap()).toThrow('is a pinned program, not a map')
      expect(() => openPinnedMap(context, path)).toThrow('is a pinned program, not a map')
    })

    it('replace: a new map in place of the old', () => {
      obtainMap().fd.close()
      const fresh = obtainMap('replace', { maxEntries: 9 })
      using owned = fresh.fd
      expect([fresh.reused, owned.closed, readdirSync(directory)]).toEqual([false, false, ['counts']])
      using found = openPinnedMap(context, path)
      expect(found.shape.maxEntries).toBe(9)
    })

    it('fail: not where something is pinned', () => {
      obtainMap('fail').fd.close()
      expect(() => obtainMap('fail')).toThrow(expect.objectContaining({ code: 'ERR_BPF_PIN_EXISTS' }))
    })
  })
})
