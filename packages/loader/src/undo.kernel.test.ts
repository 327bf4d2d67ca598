import { readdirSync } from 'node:fs'
import { BpfError } from '@bpf/bytes'
import { readFixture } from '@bpf/fixtures'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { ids } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { createContext } from './context'
import { open } from './open'
import { failingNative } from './testing/failing-native'
import { isRoot } from './testing/kernel'

const descriptors = () => readdirSync('/proc/self/fd').length

describe.skipIf(!isRoot)('a step that fails undoes all earlier ones (needs root)', () => {
  const failing = failingNative()
  const leaks = failOnLeaks(kind => ids(context.sys, kind))
  const context = createContext({ native: failing.native, trace: leaks.trace })

  for (const path of [
    'checks/globals.o',
    'checks/map-in-map.o',
    'checks/tail-calls.o',
    'features/perf-events.o',
    'object/arena.o',
    'examples/execsnoop.o',
  ]) {
    it(`whichever system call of loading and attaching ${path} fails`, async () => {
      const bytes = await readFixture(path)
      const attempt = () => {
        using object = open(bytes, { context }).load()
        object.attach()
      }
      // What is found out once about the kernel is found out now.
      attempt()
      const before = descriptors()
      let steps = 0
      let refused = 0
      for (let reached = true; reached; steps++) {
        failing.failAt(steps + 1)
        try {
          attempt()
        } catch (error) {
          expect(error).toBeInstanceOf(BpfError)
          refused++
        } finally {
          reached = failing.stop()
        }
        expect(descriptors(), `after call ${steps + 1} failed`).toBe(before)
      }
      expect(steps).toBeGreaterThan(3)
      expect(refused).toBeGreaterThan(1)
    })
  }

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
