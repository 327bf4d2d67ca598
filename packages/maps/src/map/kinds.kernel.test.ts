import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BtfBuilder } from '@bpf/btf'
import { openKernel } from '@bpf/kernel'
import {
  attrLayouts,
  BpfCommand,
  btfLoad,
  createSys,
  duplicateFd,
  type Fd,
  MapFlag,
  MapType,
  type Native,
  openFile,
  openSocket,
  ProgType,
  pidfdOpen,
  progLoad,
  SocketFamily,
  SocketType,
} from '@bpf/sys'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { struct, text } from '../codec/declare'
import { s32, u32, u64 } from '../codec/scalars'
import { countResources, createContext, root } from '../testing/context'
import { createMap } from './create'
import { PerCpuMap } from './per-cpu-map'

const context = createContext()
const { sys, kernel } = context
const cpus = kernel.possibleCpus
/** `r0 = 0; exit` */
const returnZero = Uint8Array.from([0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0])

/** As before Linux 5.6. */
function withoutBatches(native: Native): Native {
  const { MapLookupBatch, MapDeleteBatch } = BpfCommand
  const bpf: Native['bpf'] = (command, attr, size) =>
    native.bpf(command >= MapLookupBatch && command <= MapDeleteBatch ? 99 : command, attr, size)
  return { ...native, bpf }
}

describe.skipIf(!root)('handles by map type (needs root)', () => {
  let before: ReturnType<typeof countResources>
  beforeAll(() => {
    before = countResources()
  })
  afterAll(() => {
    expect(countResources()).toEqual(before)
  })

  describe.each([
    ['PercpuHash', MapType.PercpuHash],
    ['PercpuArray', MapType.PercpuArray],
    ['LruPercpuHash', MapType.LruPercpuHash],
  ] as const)('%s', (_, type) => {
    const create = () => createMap(context, { type, name: 'test', key: u32, value: struct({ a: u32, b: u64, c: u32 }), maxEntries: 4 })
    const value = (n: number) => ({ a: n, b: BigInt(n) << 40n, c: n + 1 })
    const values = Array.from({ length: cpus }, (_, cpu) => value(cpu))

    it('has a value for each CPU', () => {
      using map = create()
      map.set(1, values)
      expect(map.get(1)).toEqual(values)
      expect([...map].filter(([key]) => key === 1)).toEqual([[1, values]])
      expect([...map.batches()].reduce((sum, { count }) => sum + count, 0)).toBe(type === MapType.PercpuArray ? 4 : 1)
      expect(() => map.set(1, [])).toThrow(`expected ${cpus} values, one a possible CPU, got 0 values`)
    })

    it.each([
      ['batches', sys.native],
      ['one by one', withoutBatches(sys.native)],
    ])('is written, listed and emptied many at a time: %s', (_, native) => {
      const isArray = type === MapType.PercpuArray
      const other = { sys: createSys({ native }), kernel }
      using map = createMap(other, { type, name: 'test', key: u32, value: struct({ a: u32, b: u64, c: u32 }), maxEntries: 4096 })
      const entries = Array.from({ length: 300 }, (_, key) => [key, values.map(({ a }) => value(a + key))] as const)
      expect(map.setMany(entries)).toBe(300)
      expect([...map].filter(([key]) => key < 300).sort(([a], [b]) => a - b)).toEqual(entries)
      if (isArray) return
      expect(map.deleteMany([1, 2, 999])).toBe(2)
      expect([...map.drain()].sort(([a], [b]) => a - b)).toEqual(entries.filter(([key]) => key !== 1 && key !== 2))
      expect([...map]).toEqual([])
    })

    it('reads one CPU, and writes the same for all, whether the kernel has flags for that or not', () => {
      using map = create()
      map.set(1, values)
      expect(map.getOn(cpus - 1, 1)).toEqual(value(cpus - 1))
      map.setAll(1, value(9))
      expect(map.get(1)).toEqual(Array.from({ length: cpus }, () => value(9)))
      expect(() => map.getOn(cpus, 1)).toThrow(/^expected a CPU that there can be \(0.*\), got \d+ \(number\)$/)
    })

    it('writes one CPU where the kernel can, and says so where it cannot', () => {
      using map = create()
      map.set(1, values)
      try {
        map.setOn(0, 1, value(9))
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_BPF_UNSUPPORTED', hint: expect.stringContaining('Linux 6.19') })
        expect(map.get(1)).toEqual(values)
        return
      }
      expect(map.get(1)).toEqual(values.map((old, cpu) => (cpu === 0 ? value(9) : old)))
    })
  })

  it('values of CPUs are found though there are holes in their numbers', () => {
    using map = createMap(context, { type: MapType.PercpuArray, name: 'test', key: u32, value: u32, maxEntries: 1 })
    map.set(
      0,
      Array.from({ length: cpus }, (_, place) => 10 + place),
    )
    // As many as there are, and no flags by which the kernel would be asked for one.
    const possible = cpus === 1 ? '5' : `5,7-${5 + cpus}`
    const text = (path: string) => (path.endsWith('/possible') ? possible : kernel.files.text(path))
    const sizeWithoutFlags = attrLayouts.mapElement.byName.flags.offset
    const bpf: Native['bpf'] = (command, attr, size) => sys.native.bpf(size > sizeWithoutFlags ? 99 : command, attr, size)
    const own = createSys({ native: { ...sys.native, bpf } })
    const holes = { sys: own, kernel: openKernel(sys, { files: { ...kernel.files, text } }) }
    const options = { fd: duplicateFd(own, map.fd, 'map "test"'), shape: map.shape, key: u32, value: u32 }
    using same = new PerCpuMap({ context: holes, ...options })
    expect(same.getOn(5, 0)).toBe(10)
    expect(same.getOn(cpus === 1 ? 5 : 5 + cpus, 0)).toBe(9 + cpus)
    expect(() => same.getOn(6, 0)).toThrow(/^expected a CPU that there can be \(5.*\), got 6/)
  })

  it('Queue: first in, first out', () => {
    using map = createMap(context, { type: MapType.Queue, name: 'jobs', value: u32, maxEntries: 2 })
    expect([map.peek(), map.pop()]).toEqual([undefined, undefined])
    expect([map.push(1), map.push(2), map.push(3)]).toEqual([true, true, false])
    expect(map.push(3, { evict: true })).toBe(true)
    expect([map.peek(), map.pop(), map.pop(), map.pop()]).toEqual([2, 2, 3, undefined])
    map.push(5)
    map.push(6)
    expect([[...map.drain()], map.peek()]).toEqual([[5, 6], undefined])
  })

  it('Stack: last in, first out', () => {
    using map = createMap(context, { type: MapType.Stack, value: u32, maxEntries: 2 })
    map.push(1)
    map.push(2)
    expect([map.peek(), map.pop(), map.pop(), map.pop()]).toEqual([2, 2, 1, undefined])
  })

  it('BloomFilter: never denies what was added', () => {
    using map = createMap(context, { type: MapType.BloomFilter, value: u32, maxEntries: 1000 })
    for (let i = 0; i < 1000; i++) map.add(i)
    const others = Array.from({ length: 1000 }, (_, i) => map.has(1_000_000 + i))
    expect(Array.from({ length: 1000 }, (_, i) => map.has(i)).every(Boolean)).toBe(true)
    expect(others.filter(Boolean).length).toBeLessThan(500)
  })

  it('LpmTrie: readable prefixes, the longest match', () => {
    const create = (keySize: number) =>
      createMap(context, { type: MapType.LpmTrie, name: 'routes', keySize, value: text(8), maxEntries: 8, flags: MapFlag.NoPrealloc })
    using v4 = create(8)
    v4.set('10.0.0.0/8', 'inside')
    v4.set('10.1.2.3/16', 'nearer')
    v4.set('0.0.0.0/0', 'world')
    expect([v4.get('10.9.9.9'), v4.get('10.1.9.9'), v4.get('8.8.8.8')]).toEqual(['inside', 'nearer', 'world'])
    expect(new Map(v4)).toEqual(
      new Map([
        ['10.0.0.0/8', 'inside'],
        ['10.1.0.0/16', 'nearer'],
        ['0.0.0.0/0', 'world'],
      ]),
    )
    expect([v4.delete('10.1.0.0/16'), v4.get('10.1.9.9')]).toEqual([true, 'inside'])
    using v6 = create(20)
    v6.set('2001:db8::/32', 'docs')
    expect([v6.get('2001:db8:1::1'), v6.get('2001:db9::')]).toEqual(['docs', undefined])
    expect([...v6.keys()]).toEqual(['2001:db8::/32'])
    using raw = create(6)
    raw.set({ length: 9, data: Uint8Array.of(1, 0x80) }, 'nine')
    expect(raw.get({ length: 16, data: Uint8Array.of(1, 0xff) })).toBe('nine')
    expect(() => v4.set('2001:db8::/32', '')).toThrow('expected an IPv4 prefix like 10.0.0.0/8, got "2001:db8::/32"')
  })

  it('ProgArray: descriptors in, ids out', () => {
    using program = progLoad(sys, { type: ProgType.SocketFilter, insns: returnZero, license: 'GPL' }).fd
    using map = createMap(context, { type: MapType.ProgArray, name: 'tails', keySize: 4, valueSize: 4, maxEntries: 3 })
    expect([map.set(1, program), map.has(1), map.has(0), typeof map.id(1)]).toEqual([true, true, false, 'number'])
    expect([[...map.keys()], [...map].map(([key]) => key)]).toEqual([[0, 1, 2], [1]])
    expect([map.delete(1), map.delete(1), map.id(1)]).toEqual([true, false, undefined])
    expect(() => map.set(0, map.fd)).toThrow('map "tails": update failed: EINVAL')
  })

  it('CgroupArray: descriptors in, nothing out', () => {
    using cgroup = openFile(sys, '/sys/fs/cgroup/unified')
    using map = createMap(context, { type: MapType.CgroupArray, name: 'groups', keySize: 4, valueSize: 4, maxEntries: 2 })
    expect(map.set(0, cgroup)).toBe(true)
    expect(() => map.id(0)).toThrow(expect.objectContaining({ hint: 'the kernel does not offer this for maps of this type' }))
    expect(map.delete(0)).toBe(true)
  })

  it('ArrayOfMaps and HashOfMaps: handles in, handles out', () => {
    using inner = createMap(context, { type: MapType.Array, name: 'inner', key: u32, value: u32, maxEntries: 2 })
    inner.set(1, 7)
    for (const type of [MapType.ArrayOfMaps, MapType.HashOfMaps] as const) {
      using outer = createMap(context, {
        type,
        name: 'outer',
        key: u32,
        valueSize: 4,
        maxEntries: 2,
        innerMapFd: inner.fd,
        inner: { key: u32, value: u32 },
      })
      expect(outer.get(1)).toBeUndefined()
      outer.set(1, inner)
      expect(outer.id(1)).toBe(inner.info().id)
      using found = outer.get(1)
      expect(found?.kind === 'keyed' && found.get(1)).toBe(7)
      expect([...outer]).toEqual([[1, inner.info().id]])
      expect(outer.delete(1)).toBe(true)
      expect(outer.get(1)).toBeUndefined()
    }
  })

  it('Devmap, DevmapHash and Cpumap: values as the kernel prescribes them', () => {
    using one = createMap(context, { type: MapType.Devmap, keySize: 4, valueSize: 4, maxEntries: 2 })
    one.set(0, 1)
    expect([one.get(0), one.get(1)]).toEqual([1, undefined])
    using both = createMap(context, { type: MapType.DevmapHash, key: u32, valueSize: 8, maxEntries: 2 })
    both.set(7, { ifindex: 1, program: 0 })
    expect([...both]).toEqual([[7, { ifindex: 1, program: 0 }]])
    using cpumap = createMap(context, { type: MapType.Cpumap, keySize: 4, valueSize: 8, maxEntries: 1 })
    cpumap.set(0, { queueSize: 192, program: 0 })
    expect(cpumap.get(0)).toEqual({ queueSize: 192, program: 0 })
  })

  it('StackTrace: has ids for keys and addresses for values', () => {
    using map = createMap(context, { type: MapType.StackTrace, keySize: 4, valueSize: 8 * 16, maxEntries: 16 })
    expect([map.get(3), [...map]]).toEqual([undefined, []])
    expect(() => map.set(3, [])).toThrow('only the kernel writes stack traces')
  })

  it.skipIf(kernel.features.mapType(MapType.InsnArray) !== true)(
    'InsnArray: places of instructions (needs BPF_MAP_TYPE_INSN_ARRAY, Linux 6.19)',
    () => {
      using map = createMap(context, { type: MapType.InsnArray, keySize: 4, valueSize: 16, maxEntries: 2 })
      const place = { originalOffset: 1, xlatedOffset: 0, jitedOffset: 0, reserved: 0 }
      map.set(1, place)
      expect(map.get(1)).toEqual(place)
    },
  )

  it('CgroupStorage and PercpuCgroupStorage: keys name the cgroup and the attach type', () => {
    const key = { cgroupId: 1n, attachType: 0 }
    using map = createMap(context, { type: MapType.CgroupStorage, keySize: 16, value: u32, maxEntries: 0 })
    expect([map.get(key), [...map]]).toEqual([undefined, []])
    using perCpu = createMap(context, { type: MapType.PercpuCgroupStorage, keySize: 16, value: u32, maxEntries: 0 })
    expect([perCpu.kind, perCpu.get(key as never), [...perCpu]]).toEqual(['perCpu', undefined, []])
  })

  it('LruHash: never full, what was used least goes', () => {
    using map = createMap(context, { type: MapType.LruHash, name: 'recent', key: u32, value: u32, maxEntries: 64 })
    for (let i = 0; i < 1000; i++) map.set(i, i)
    const kept = [...map]
    expect(kept.length).toBeGreaterThan(0)
    expect(kept.length).toBeLessThanOrEqual(64)
    expect(kept.every(([key, value]) => key === value)).toBe(true)
    expect(map.get(999)).toBe(999)
    expect(map.deleteMany(map.keys())).toBe(kept.length)
  })

  describe('sockets', () => {
    let server: Server
    let descriptor: Fd
    beforeAll(async () => {
      server = createServer().listen(0, '127.0.0.1')
      await new Promise(resolve => server.once('listening', resolve))
      descriptor = (server as unknown as { _handle: { fd: Fd } })._handle.fd
    })
    afterAll(async () => {
      await new Promise(resolve => server.close(resolve))
    })

    it('Sockmap and Sockhash: descriptors in, cookies out where values are wide enough', () => {
      using wide = createMap(context, { type: MapType.Sockmap, keySize: 4, valueSize: 8, maxEntries: 2 })
      wide.set(1, descriptor)
      expect(typeof wide.id(1)).toBe('bigint')
      expect([...wide]).toEqual([[1, wide.id(1)]])
      expect([wide.delete(1), [...wide]]).toEqual([true, []])
      using narrow = createMap(context, { type: MapType.Sockhash, key: u32, valueSize: 4, maxEntries: 2 })
      expect(narrow.set(9, descriptor, 'create')).toBe(true)
      expect(narrow.set(9, descriptor, 'create')).toBe(false)
      expect([...narrow.keys()]).toEqual([9])
      expect(() => narrow.id(9)).toThrow('lookup failed: ENOSPC')
    })

    it('Xskmap: takes no socket of another family', () => {
      using map = createMap(context, { type: MapType.Xskmap, keySize: 4, valueSize: 4, maxEntries: 2 })
      expect(() => map.set(0, descriptor)).toThrow('update failed')
      expect([...map.keys()]).toEqual([0, 1])
    })

    it('ReuseportSockarray: takes sockets that share a port', () => {
      using map = createMap(context, { type: MapType.ReuseportSockarray, keySize: 4, valueSize: 8, maxEntries: 2 })
      expect(() => map.set(0, descriptor)).toThrow('update failed: EINVAL')
      expect([...map]).toEqual([])
    })
  })

  describe('local storage', () => {
    /** These maps are created with BTF only. */
    function typed() {
      const builder = new BtfBuilder()
      const int = builder.add({ kind: 'int', name: 'int', size: 4, encoding: { signed: true } })
      return { btf: btfLoad(sys, { btf: builder.toBytes() }).fd, int }
    }

    it('is kept at sockets, files, processes and cgroups', () => {
      const { btf, int } = typed()
      const directory = mkdtempSync(join(tmpdir(), 'bpf-maps-'))
      using file = openFile(sys, directory)
      using socket = openSocket(sys, SocketFamily.Unix, SocketType.Dgram)
      using process_ = pidfdOpen(sys, process.pid)
      const cgroupPath = `/sys/fs/cgroup/unified/bpf-maps-${process.pid}`
      mkdirSync(cgroupPath)
      try {
        const cases = [
          [MapType.SkStorage, socket.fd, { fd: socket.fd }],
          [MapType.InodeStorage, file.fd, { path: directory }],
          [MapType.TaskStorage, process_.fd, { pid: process.pid }],
          [MapType.CgrpStorage, undefined, { path: cgroupPath }],
        ] as const
        for (const [type, fd, owner] of cases) {
          using map = createMap(context, {
            type,
            keySize: 4,
            value: s32,
            flags: MapFlag.NoPrealloc,
            btfFd: btf.fd,
            btfKeyTypeId: int,
            btfValueTypeId: int,
          })
          expect(map.get(owner)).toBeUndefined()
          expect([map.set(owner, 1, 'replace'), map.set(owner, 1, 'create'), map.set(owner, 2, 'create')]).toEqual([false, true, false])
          expect(map.get(fd ?? owner)).toBe(1)
          expect([map.delete(owner), map.delete(owner)]).toEqual([true, false])
        }
      } finally {
        btf.close()
        rmdirSync(cgroupPath)
        rmSync(directory, { recursive: true })
      }
    })

    it('says when the owner is gone', () => {
      const { btf, int } = typed()
      using owned = btf
      using map = createMap(context, {
        type: MapType.TaskStorage,
        name: 'tasks',
        keySize: 4,
        value: s32,
        flags: MapFlag.NoPrealloc,
        btfFd: owned.fd,
        btfKeyTypeId: int,
        btfValueTypeId: int,
      })
      const pid = Number(readFileSync('/proc/sys/kernel/pid_max', 'utf8'))
      expect(() => map.get({ pid })).toThrow(`map "tasks": process ${pid} cannot be opened: E`)
    })
  })
})
