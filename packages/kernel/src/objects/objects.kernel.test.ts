import { mkdtempSync, rmdirSync, unlinkSync } from 'node:fs'
import { encodeBtf, type TypeId, type TypeInput } from '@bpf/btf'
import { toHex } from '@bpf/bytes'
import { btfLoad, createSys, getProgInfo, MapType, mapCreate, mount, objPin, ProgType, progLoad, progTestRun, unmount } from '@bpf/sys'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assemble, returnZero } from '../features/code'
import { realFiles } from '../files'
import { openKernel } from '../kernel'
import { readLoadedBtf } from './btf'
import { findHolders, holdersOf } from './holders'
import { listBtf, listMaps, listPrograms } from './list'
import { NotFoundError, openObjects } from './open'
import { listPins } from './pins'
import { fullProgramName } from './program-name'
import { activityBetween, startStatistics } from './statistics'

const sys = createSys()
const id = (value: number) => value as TypeId
const types: readonly TypeInput[] = [
  { kind: 'int', name: 'int', size: 4, encoding: { signed: true } },
  { kind: 'funcProto', returnType: id(1), params: [] },
  { kind: 'func', name: 'a_function_with_a_long_name', type: id(2), linkage: 'global' },
]
const name = `t${process.pid}`
const btf = btfLoad(sys, { btf: encodeBtf(types) }).fd
const map = mapCreate(sys, { type: MapType.Array, keySize: 4, valueSize: 4, maxEntries: 1, name })
const program = progLoad(sys, {
  type: ProgType.SocketFilter,
  insns: assemble(returnZero),
  license: 'GPL',
  name,
  btfFd: btf.fd,
  funcInfo: new Uint8Array(Uint32Array.of(0, 3).buffer),
}).fd
const info = getProgInfo(sys, program.fd)

afterAll(() => {
  for (const owner of [program, map, btf]) owner.close()
})

describe('lists', () => {
  it('hold what was just loaded', () => {
    expect([...listPrograms(sys)].find(found => found.id === info.id)).toEqual(info)
    expect([...listMaps(sys)].map(found => found.name)).toContain(name)
    expect([...listBtf(sys)]).toContainEqual(expect.objectContaining({ name: 'vmlinux', kernel: true }))
    expect([...listBtf(sys)].map(found => found.id)).toContain(info.btfId)
  })
})

describe('openObjects', () => {
  it.each([{ id: info.id }, { name }, { tag: toHex(info.tag) }])('opens a program by %j', selector => {
    const opened = openObjects(sys, 'prog', selector)
    expect(opened.map(({ fd }) => getProgInfo(sys, fd).id)).toContain(info.id)
    for (const fd of opened) fd.close()
  })

  it('says what is not there', () => {
    expect(() => openObjects(sys, 'map', { name: 'no such map' })).toThrow(NotFoundError)
    expect(() => openObjects(sys, 'prog', { id: 0x7fffffff })).toThrow('no program with id 2147483647')
  })
})

describe('a program', () => {
  it('has its whole name in BTF', () => {
    expect(info.name).toBe(name)
    expect(fullProgramName(sys, program.fd)).toBe('a_function_with_a_long_name')
    expect(readLoadedBtf(sys, info.btfId).find('int', 'int')?.size).toBe(4)
  })

  it('shows its translated and native code', () => {
    const { xlated, jited } = getProgInfo(sys, program.fd, { xlated: true, jited: true })
    expect(xlated).toEqual(assemble(returnZero))
    expect(jited?.code.byteLength).toBe(info.jitedLength)
    expect(jited?.functions.map(({ length }) => length)).toEqual([info.jitedLength])
  })

  it('is counted while statistics are on', () => {
    using statistics = startStatistics(sys)
    const before = getProgInfo(sys, program.fd)
    progTestRun(sys, { progFd: program.fd, dataIn: new Uint8Array(64), repeat: 10 })
    const activity = activityBetween(before, getProgInfo(sys, program.fd))
    expect(statistics.closed).toBe(false)
    expect(activity.runs).toBeGreaterThanOrEqual(10n)
    expect(activity.averageRunTime).toBeGreaterThan(0)
  })

  it('is held by this process', () => {
    expect(holdersOf(findHolders(realFiles(sys)), 'prog', info.id)).toContainEqual(expect.objectContaining({ pid: process.pid }))
  })
})

describe('pins', () => {
  const directory = mkdtempSync('/tmp/bpf-pins-')
  beforeAll(() => mount(sys, { type: 'bpf', target: directory }))
  afterAll(() => {
    unmount(sys, directory)
    rmdirSync(directory)
  })

  it('are found, and open as what they are', () => {
    objPin(sys, map.fd, { path: `${directory}/a` })
    objPin(sys, program.fd, { path: `${directory}/b` })
    expect([...listPins(sys, [directory])].map(({ path, kind }) => [path, kind])).toEqual([
      [`${directory}/a`, 'map'],
      [`${directory}/b`, 'prog'],
    ])
    expect(openKernel(sys).bpffs()).toContain(directory)
    const [opened] = openObjects(sys, 'prog', { pinned: `${directory}/b` })
    opened?.close()
    expect(() => openObjects(sys, 'prog', { pinned: `${directory}/a` })).toThrow('is a pinned map, not a program')
    for (const pin of ['a', 'b']) unlinkSync(`${directory}/${pin}`)
  })
})
