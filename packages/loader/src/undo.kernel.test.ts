import { existsSync, readdirSync, rmSync } from 'node:fs'
import { BpfError } from '@bpf/bytes'
import { readFixture } from '@bpf/fixtures'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { withFewDescriptors } from '@bpf/kernel/testing'
import { openPinnedMap } from '@bpf/maps'
import { ids } from '@bpf/sys'
import { afterEach, describe, expect, it } from 'vitest'
import { createContext } from './context'
import { open } from './open'
import { failingNative } from './testing/failing-native'
import { isRoot } from './testing/kernel'

const descriptors = () => readdirSync('/proc/self/fd').length

describe.skipIf(!isRoot)('a step that fails undoes all earlier ones (needs root)', () => {
  const failing = failingNative()
  const leaks = failOnLeaks(kind => ids(context.sys, kind))
  const context = createContext({ native: failing.native, trace: leaks.trace })

  /** Has every system call of `action` fail once, the first, the second, … Each time it must leave nothing behind. */
  function failEachCall(action: () => void, remains: () => unknown = descriptors): void {
    // What is found out once about the kernel is found out now.
    action()
    const before = remains()
    let steps = 0
    let refused = 0
    for (let reached = true; reached; steps++) {
      failing.failAt(steps + 1)
      try {
        action()
      } catch (error) {
        expect(error).toBeInstanceOf(BpfError)
        refused++
      } finally {
        reached = failing.stop()
      }
      expect(remains(), `after call ${steps + 1} failed`).toEqual(before)
    }
    expect(steps).toBeGreaterThan(3)
    expect(refused).toBeGreaterThan(1)
  }

  for (const path of [
    'checks/globals.o',
    'checks/map-in-map.o',
    'checks/tail-calls.o',
    'features/map-kinds.o',
    'features/perf-events.o',
    'object/arena.o',
    'attach/struct-ops.o',
    'examples/execsnoop.o',
  ]) {
    it(`whichever system call of loading and attaching ${path} fails`, async () => {
      const bytes = await readFixture(path)
      failEachCall(() => {
        using object = open(bytes, { context }).load()
        object.attach()
      })
    })
  }

  it.each(['features/map-kinds.o', 'features/perf-events.o', 'object/arena.o', 'attach/struct-ops.o', 'examples/execsnoop.o'])(
    'wherever descriptors run out while %s is loaded, attached and read',
    async path => {
      const bytes = await readFixture(path)
      const use = () => {
        using object = open(bytes, { context }).load()
        object.attach()
        for (const buffer of object.buffers) object.records(buffer)
      }
      use()
      const before = descriptors()
      let enough = false
      for (let more = 0; !enough; more++) {
        try {
          withFewDescriptors(context.sys, more, use)
          enough = true
        } catch (error) {
          expect(error).toBeInstanceOf(BpfError)
        }
        expect(descriptors(), `with ${more} more`).toBe(before)
      }
    },
  )

  it('whichever system call of attaching to several targets fails', async () => {
    const bytes = await readFixture('legacy/programs.o')
    const targets = { on_raw_tracepoint: ['sys_enter', 'sys_exit'], on_tracepoint: 'sched/sched_switch' }
    using object = open(bytes, { context }).only('on_raw_tracepoint', 'on_tracepoint').load()
    failEachCall(() => {
      const { links } = object.attach({ targets })
      for (const link of links) link.close()
    })
  })

  describe('with pins', () => {
    const directory = `/sys/fs/bpf/bpf-loader-undo-${process.pid}`
    const pins = () => [descriptors(), existsSync(directory) ? readdirSync(directory, { recursive: true }).toSorted() : undefined]
    afterEach(() => rmSync(directory, { recursive: true, force: true }))

    it('whichever system call of pinning, and of loading what replaces a pin, fails', async () => {
      const opened = open(await readFixture('checks/callbacks.o'), { context })
      Object.assign(opened.spec.maps.find(map => map.name === 'numbers') ?? {}, { pinning: 'byName' })
      using first = opened.load({ pinDirectory: directory })
      const pinnedId = () => {
        using map = openPinnedMap(context, `${directory}/numbers`)
        return map.info().id
      }
      const before = pinnedId()
      for (let step = 1, reached = true; reached; step++) {
        failing.failAt(step)
        try {
          using object = opened.load({ pinDirectory: directory, pinPolicy: 'replace' })
          // Only a load that succeeded may change what is pinned: here it is put back.
          failing.stop()
          expect(pinnedId()).toBe(object.map('numbers').info().id)
          first.map('numbers').pin(`${directory}/numbers`, { ifExists: 'replace' })
          reached = false
        } catch (error) {
          expect(error).toBeInstanceOf(BpfError)
          reached = failing.stop()
        }
        expect(pinnedId(), `after call ${step} failed`).toBe(before)
        expect(readdirSync(directory)).toEqual(['numbers'])
      }
    })

    it('whichever system call of taking over fails', async () => {
      const bytes = await readFixture('examples/syscall-count.o')
      using object = open(bytes, { context }).load()
      object.attach()
      object.pin(directory)
      failEachCall(() => open(bytes, { context }).takeOver(directory).close(), pins)
      object.unpin(directory)
      expect(existsSync(directory)).toBe(false)
    })
  })

  it('a hook that throws, at the first or at the last map', async () => {
    const opened = open(await readFixture('checks/map-in-map.o'), { context })
    const before = descriptors()
    for (const name of ['first', 'outer_hash']) {
      const onMap = (map: { readonly name: string }) => {
        if (map.name === name) throw new Error(`not ${name}`)
        return undefined
      }
      expect(() => opened.load({ onMap })).toThrow(`not ${name}`)
      expect(descriptors()).toBe(before)
    }
  })

  it('a handle that cannot be made, for want of sysfs say', async () => {
    const { files } = context.kernel
    const withoutCpus = { ...files, text: (path: string) => (path.endsWith('/possible') ? undefined : files.text(path)) }
    const blind = createContext({ trace: leaks.trace, kernel: { files: withoutCpus } })
    const opened = open(await readFixture('features/map-kinds.o'), { context: blind })
    const before = descriptors()
    expect(() => opened.load()).toThrow('possible CPUs: /sys/devices/system/cpu/possible cannot be read')
    expect(descriptors()).toBe(before)
  })

  it('a listener that throws after everything is loaded', async () => {
    const opened = open(await readFixture('checks/globals.o'), { context })
    const before = descriptors()
    const onEvent = ({ kind }: { readonly kind: string }) => {
      if (kind === 'program') throw new Error('enough')
    }
    expect(() => opened.load({ onEvent })).toThrow('enough')
    expect(descriptors()).toBe(before)
  })
})
