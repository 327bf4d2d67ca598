import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { setImm } from '@bpf/insn'
import { openPinnedMap, PinError, PinMismatchError } from '@bpf/maps'
import type { ObjectSpec } from '@bpf/object'
import { littleEndian } from '@bpf/sys'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LoadError } from './errors'
import type { LoadOptions } from './load-options'
import { bundle } from './testing/bundle'
import { errorOf } from './testing/error-of'
import { isRoot, kernelTest } from './testing/kernel'

const directory = `/sys/fs/bpf/bpf-loader-test-${process.pid}`

describe.skipIf(!isRoot)('pins (needs root)', () => {
  // Registered before the account of leaks: what it removes must be gone when that counts.
  const { openFixture, context } = kernelTest()
  beforeEach(() => rmSync(directory, { recursive: true, force: true }))
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  it('an object stays when it is pinned, is taken over, and goes when it is unpinned', async () => {
    const object = (await openFixture('examples/syscall-count.o')).set('target_pid', process.pid).load()
    object.attach()
    object.pin(directory)
    object.close()
    expect(readdirSync(directory).toSorted()).toEqual(['links', 'maps', 'programs'])
    expect(readdirSync(`${directory}/maps`).toSorted()).toEqual(['_rodata', 'syscalls'])

    using taken = (await openFixture('examples/syscall-count.o')).takeOver(directory)
    // Nobody but the pins kept it attached meanwhile.
    expect([...taken.map('syscalls')].length).toBeGreaterThan(0)
    expect(taken.variable('target_pid').get()).toBe(process.pid)
    expect(taken.program('count_syscall').info().tag).toMatch(/^[0-9a-f]{16}$/)
    expect(taken.links).toMatchObject([{ kind: 'raw_tracepoint', program: 'count_syscall', target: 'sys_enter' }])
    expect(taken.links[0]?.info()).toMatchObject({ kind: 'rawTracepoint' })
    taken.unpin(directory)
    expect(existsSync(directory)).toBe(false)
  })

  it('a link that was taken over can be detached, and leaves no pin', async () => {
    const object = (await openFixture('examples/syscall-count.o')).load()
    object.attach()
    object.pin(directory)
    object.close()
    using taken = (await openFixture('examples/syscall-count.o')).takeOver(directory)
    for (const link of taken.links) link.detach()
    expect(readdirSync(`${directory}/links`)).toEqual([])
    taken.unpin(directory)
    expect(existsSync(directory)).toBe(false)
  })

  it('links that were detached or closed are no longer among those that are pinned', async () => {
    using object = (await openFixture('examples/syscall-count.o')).load()
    const [first] = object.attach().links
    first?.detach()
    const [second] = object.attach().links
    expect(object.links).toEqual([second])
    object.pin(directory)
    expect(readdirSync(`${directory}/links`)).toEqual(['count_syscall'])
    // Its pin keeps it.
    second?.close()
    expect(object.links).toEqual([second])
    object.unpin(directory)
    expect(object.links).toEqual([])
    expect(existsSync(directory)).toBe(false)
  })

  it('programs of another version are named when they are taken over, until they are loaded anew', async () => {
    const object = (await openFixture('examples/syscall-count.o')).load()
    object.pin(directory)
    object.close()
    using same = (await openFixture('examples/syscall-count.o')).takeOver(directory)
    expect(same.outdated).toEqual([])

    const newer = await openFixture('examples/syscall-count.o')
    returnOne(newer.spec, 'count_syscall')
    using taken = newer.takeOver(directory)
    expect(taken.outdated).toEqual(['count_syscall'])
    taken.load('count_syscall')
    expect(taken.outdated).toEqual([])
    taken.unpin(directory)
  })

  it('an arena of another process has its variables where they were, and programs that are loaded later find them', async () => {
    const path = fileURLToPath(new URL('../../fixtures/objects/object/arena.o', import.meta.url))
    using other = await bundle(new URL('./testing/programs/pin.ts', import.meta.url))
    const { stdout } = spawnSync(process.execPath, [other.path, path, directory, 'shared', '40'], { stdio: ['ignore', 'pipe', 'inherit'] })
    using taken = (await openFixture('object/arena.o')).takeOver(directory)
    const arena = taken.map('arena', 'arena')
    expect(taken.variable('shared').get()).toBe(40)
    expect(`0x${arena.address.toString(16)}`).toBe(stdout.toString().trim())
    expect(taken.load('use').run().returnValue).toBe(3)
    expect(taken.variable('shared').get()).toBe(41)
    taken.unpin(directory)
  })

  it('pinning where a name is taken changes nothing, and is refused before anything is loaded to who asks', async () => {
    using object = (await openFixture('checks/globals.o')).load()
    object.pin(directory)
    const pinned = readdirSync(directory, { recursive: true })
    const opened = await openFixture('checks/callbacks.o')
    const refused = {
      message: `pin "${directory}/maps/_bss" is there already`,
      hint: expect.stringContaining('another object is pinned there'),
    }
    expect(errorOf(LoadError, () => opened.checkPins(directory))).toMatchObject(refused)
    using other = opened.load()
    expect(errorOf(LoadError, () => other.pin(directory))).toMatchObject(refused)
    expect(readdirSync(directory, { recursive: true })).toEqual(pinned)
    object.unpin(directory)
    opened.checkPins(directory)
    expect(existsSync(directory)).toBe(false)
  })

  it('a place on another file system is refused before anything is made for it', async () => {
    const opened = await openFixture('checks/callbacks.o')
    const numbers = opened.spec.maps.find(map => map.name === 'numbers')
    // With none, it could not be created.
    Object.assign(numbers ?? {}, { pinning: 'byName', maxEntries: 0 })
    const error = errorOf(PinError, () => opened.load({ pinDirectory: '/tmp/pins' }))
    expect(error.message).toMatch(/^\/tmp\/pins\/numbers cannot be a pin: \/tmp is on \w+, not on a bpf file system$/)
    expect(error.hint).toBe('take a path below /sys/fs/bpf')
    using loaded = (await openFixture('checks/callbacks.o')).load()
    expect(errorOf(PinError, () => loaded.pin('/tmp/pins')).message).toMatch(/^\/tmp\/pins cannot hold pins: \/tmp is on \w+,/)
    expect(existsSync('/tmp/pins')).toBe(false)
  })

  it('taking over what is not there names the map that is missing', async () => {
    const opened = await openFixture('checks/globals.o')
    const error = errorOf(LoadError, () => opened.takeOver(directory))
    expect(error).toMatchObject({ stage: 'pin', message: expect.stringMatching(/of map ".*" does not exist/) })
    expect(error.hint).toContain('object.pin(directory)')
    expect(errorOf(LoadError, () => opened.takeOver('/tmp')).hint).toContain('not on a bpf file system')
  })

  it('a map that says so is shared by name between loads', async () => {
    const load = async () => {
      const opened = await openFixture('checks/callbacks.o')
      const numbers = opened.spec.maps.find(map => map.name === 'numbers')
      Object.assign(numbers ?? {}, { pinning: 'byName' })
      return opened
    }
    mkdirSync(directory)
    using first = (await load()).load({ pinDirectory: directory })
    first.map('numbers').set(1, 77n)
    using second = (await load()).load({ pinDirectory: directory })
    expect(second.map('numbers').get(1)).toBe(77n)
    using alone = (await load()).load()
    expect(alone.map('numbers').get(1)).toBe(0n)

    const larger = await load()
    const onMap = (map: { readonly name: string }) => (map.name === 'numbers' ? { ...larger.plan().maps[0], maxEntries: 9 } : undefined)
    const error = errorOf(PinMismatchError, () => larger.load({ pinDirectory: directory, onMap: onMap as never }))
    expect(error.message).toBe(`${directory}/numbers cannot be reused for map "numbers": maxEntries is 4, not 9`)
    expect(error.differences).toEqual([{ field: 'maxEntries', wanted: '9', found: '4' }])
    rmSync(`${directory}/numbers`)
  })

  describe('what is pinned already', () => {
    const pin = `${directory}/numbers`
    const load = async (options: Pick<LoadOptions, 'pinPolicy' | 'onEvent'> = {}) => {
      const opened = await openFixture('checks/callbacks.o')
      Object.assign(opened.spec.maps.find(map => map.name === 'numbers') ?? {}, { pinning: 'byName' })
      return opened.load({ pinDirectory: directory, ...options })
    }
    const pinnedId = () => {
      using map = openPinnedMap(context, pin)
      return map.info().id
    }

    it('is replaced where the policy says so', async () => {
      using old = await load()
      using fresh = await load({ pinPolicy: 'replace' })
      expect(fresh.map('numbers').info().id).not.toBe(old.map('numbers').info().id)
      expect(pinnedId()).toBe(fresh.map('numbers').info().id)
      expect(readdirSync(directory)).toEqual(['numbers'])
    })

    it('comes back when a load that replaced it fails later', async () => {
      using old = await load()
      const onEvent = ({ kind }: { readonly kind: string }) => {
        if (kind === 'program') throw new Error('enough')
      }
      await expect(load({ pinPolicy: { numbers: 'replace' }, onEvent })).rejects.toThrow('enough')
      expect(pinnedId()).toBe(old.map('numbers').info().id)
    })

    it('is an error where the policy says so', async () => {
      using _old = await load()
      await expect(load({ pinPolicy: 'fail' })).rejects.toThrow(expect.objectContaining({ code: 'ERR_BPF_PIN_EXISTS' }))
      using _other = await load({ pinPolicy: { '.bss': 'fail' } })
    })

    it('leaves no directory when the load that made it fails', async () => {
      const onEvent = () => {
        throw new Error('enough')
      }
      await expect(load({ onEvent })).rejects.toThrow('enough')
      expect(existsSync(directory)).toBe(false)
    })
  })

  it('a pin made by a load that fails later is taken back', async () => {
    const opened = await openFixture('bad/verifier.o')
    Object.assign(opened.spec.maps[0] ?? {}, { pinning: 'byName' })
    mkdirSync(directory)
    expect(() => opened.load({ pinDirectory: directory })).toThrow('rejected by the verifier')
    expect(readdirSync(directory)).toEqual([])
  })
})

/** Has a program end with `return 1` instead of `return 0`. */
function returnOne(spec: ObjectSpec, program: string): void {
  const found = spec.functions.find(({ name }) => name === program)
  if (found === undefined) throw new Error(`no function ${program}`)
  setImm(found.code, found.code.length / 8 - 2, 1, littleEndian)
}
