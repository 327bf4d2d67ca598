import { mkdtempSync, rmdirSync, unlinkSync } from 'node:fs'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Stream } from '../constants/flags'
import { MapType } from '../constants/map-type'
import { ProgType } from '../constants/program-type'
import { Errno } from '../errno'
import { openFile } from '../file'
import { mount, unmount } from '../mount'
import { createSys } from '../sys'
import { isSyscallError } from '../syscall-error'
import { minimalProgram } from '../testing/programs'
import { getBtfBytes, getBtfInfo } from './btf-info'
import { ids, nextId, openById, tryOpenById } from './ids'
import { mapCreate, mapFreeze } from './map'
import { mapDeleteBatch, mapLookupAndDeleteBatch, mapLookupBatch, mapUpdateBatch } from './map-batch'
import { getMapInfo } from './map-info'
import { mapOps } from './map-ops'
import { objGet, objPin } from './object'
import { progBindMap } from './program'
import { getProgInfo } from './program-info'
import { progStreamRead } from './stream'
import { progTestRun, progTestRunAsync } from './test-run'
import { tokenCreate } from './token'

const leaks = failOnLeaks(kind => ids(createSys(), kind))
const sys = createSys({ trace: leaks.trace })

describe('batches', () => {
  it('update, look up, delete', () => {
    using map = mapCreate(sys, { type: MapType.Hash, keySize: 4, valueSize: 8, maxEntries: 1000 })
    const keys = new Uint32Array(100).map((_, i) => i)
    const values = new BigUint64Array(100).map((_, i) => BigInt(i * i))
    const bytes = (array: Uint32Array | BigUint64Array) => new Uint8Array(array.buffer)
    expect(mapUpdateBatch(sys, { fd: map.fd, count: 100, keys: bytes(keys), values: bytes(values) })).toMatchObject({
      count: 100,
      errno: 0,
    })

    const [foundKeys, foundValues] = [new Uint32Array(200), new BigUint64Array(200)]
    const all = { fd: map.fd, count: 200, keys: bytes(foundKeys), values: bytes(foundValues), outBatch: new Uint8Array(4) }
    expect(mapLookupBatch(sys, all)).toMatchObject({ count: 100, errno: Errno.ENOENT })
    const found = new Map([...foundKeys.subarray(0, 100)].map((key, i) => [key, foundValues[i]]))
    expect(found.get(9)).toBe(81n)
    expect(found.size).toBe(100)

    expect(mapDeleteBatch(sys, { fd: map.fd, count: 50, keys: bytes(keys) })).toMatchObject({ count: 50, errno: 0 })
    expect(mapLookupAndDeleteBatch(sys, all)).toMatchObject({ count: 50, errno: Errno.ENOENT })
    expect(mapLookupBatch(sys, all)).toMatchObject({ count: 0, errno: Errno.ENOENT })
  })
})

describe('maps without keys', () => {
  it('take what was put first (queue)', () => {
    using map = mapCreate(sys, { type: MapType.Queue, valueSize: 4, maxEntries: 4 })
    const ops = mapOps(sys, map.fd, { keySize: 0, valueSize: 4 })
    for (const value of [1, 2]) {
      ops.value.set([value])
      expect(ops.update()).toBe(0)
    }
    expect([ops.lookupAndDelete(), ops.value[0]]).toEqual([0, 1])
    expect([ops.lookup(), ops.value[0]]).toEqual([0, 2])
    expect([ops.lookupAndDelete(), ops.lookupAndDelete()]).toEqual([0, Errno.ENOENT])
  })
})

describe('frozen maps', () => {
  it('take no more writes, and say so', () => {
    using map = mapCreate(sys, { type: MapType.Array, keySize: 4, valueSize: 4, maxEntries: 1 })
    mapFreeze(sys, map.fd)
    const ops = mapOps(sys, map.fd, { keySize: 4, valueSize: 4 })
    const errno = ops.update()
    expect(errno).toBe(Errno.EPERM)
    expect(ops.error('update', errno)).toMatchObject({
      operation: 'BPF_MAP_UPDATE_ELEM',
      errnoName: 'EPERM',
      attributes: { mapFd: map.fd, key: new Uint8Array(4), value: new Uint8Array(4) },
    })
  })
})

describe('ids', () => {
  it('ascend, open, and vanish', () => {
    const map = mapCreate(sys, { type: MapType.Array, keySize: 4, valueSize: 4, maxEntries: 1 })
    const { id } = getMapInfo(sys, map.fd)
    expect(nextId(sys, 'map', id - 1)).toBe(id)
    const all = [...ids(sys, 'map')]
    expect(all).toEqual(all.toSorted((a, b) => a - b))
    openById(sys, 'map', id).close()
    map.close()
    expect(tryOpenById(sys, 'map', 0x7fff_ffff)).toBeUndefined()
    expect(() => openById(sys, 'map', 0x7fff_ffff)).toThrow(/BPF_MAP_GET_FD_BY_ID failed with ENOENT/)
  })
})

describe('programs', () => {
  it('run', async () => {
    using program = minimalProgram(sys, ProgType.Xdp, 0, 2)
    const dataIn = new Uint8Array(64).map((_, i) => i)
    const result = progTestRun(sys, { progFd: program.fd, dataIn, dataSizeOut: 64, repeat: 3 })
    expect(result).toMatchObject({ retval: 2, dataOut: dataIn })
    expect(await progTestRunAsync(sys, { progFd: program.fd, dataIn, dataSizeOut: 64 })).toMatchObject({ retval: 2, dataOut: dataIn })
    expect(() => progTestRun(sys, { progFd: program.fd, dataIn, dataSizeOut: 10 })).toThrow(/ENOSPC/)
  })

  it('keep maps that no instruction names', () => {
    using map = mapCreate(sys, { type: MapType.Array, keySize: 4, valueSize: 4, maxEntries: 1 })
    using program = minimalProgram(sys, ProgType.SocketFilter)
    progBindMap(sys, { progFd: program.fd, mapFd: map.fd })
    expect(getProgInfo(sys, program.fd).mapIds).toEqual([getMapInfo(sys, map.fd).id])
  })

  it('have streams, empty ones', () => {
    using program = minimalProgram(sys, ProgType.SocketFilter)
    expect(progStreamRead(sys, { progFd: program.fd, stream: Stream.Stdout, buffer: new Uint8Array(64) })).toBe(0)
  })
})

describe('BTF of the kernel', () => {
  it('says whose it is, and can be read', () => {
    const infos = [...ids(sys, 'btf')].map(id => {
      using btf = openById(sys, 'btf', id)
      return { ...getBtfInfo(sys, btf.fd), magic: [...getBtfBytes(sys, btf.fd).subarray(0, 2)] }
    })
    expect(infos).toContainEqual(expect.objectContaining({ name: 'vmlinux', kernel: true, magic: [0x9f, 0xeb] }))
  })
})

describe('pins', () => {
  const directory = mkdtempSync('/tmp/bpf-sys-')
  beforeAll(() => mount(sys, { type: 'bpf', target: directory }))
  afterAll(() => {
    unmount(sys, directory)
    rmdirSync(directory)
  })

  it('keep an object by path, from anywhere or below a directory', () => {
    using map = mapCreate(sys, { type: MapType.Array, keySize: 4, valueSize: 4, maxEntries: 1 })
    using base = openFile(sys, directory)
    objPin(sys, map.fd, { path: `${directory}/a` })
    objPin(sys, map.fd, { path: 'b', pathFd: base.fd })
    for (const pin of [{ path: `${directory}/b` }, { path: 'a', pathFd: base.fd }]) {
      using again = objGet(sys, pin)
      expect(getMapInfo(sys, again.fd).id).toBe(getMapInfo(sys, map.fd).id)
    }
    expect(() => objPin(sys, map.fd, { path: `${directory}/a` })).toThrow(/BPF_OBJ_PIN failed with EEXIST \(file exists\): pathname="/)
    for (const name of ['a', 'b']) unlinkSync(`${directory}/${name}`)
    expect(() => objGet(sys, { path: `${directory}/a` })).toThrow(/ENOENT/)
  })

  it('give no token without delegation', () => {
    using base = openFile(sys, directory)
    try {
      tokenCreate(sys, { bpffsFd: base.fd }).close()
      expect.unreachable()
    } catch (error) {
      expect(isSyscallError(error, Errno.ENOENT, Errno.EOPNOTSUPP, Errno.EPERM)).toBe(true)
    }
  })
})
