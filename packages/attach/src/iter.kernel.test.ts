import { readFileSync } from 'node:fs'
import { AttachType, Errno, isSyscallError, MapType, mapCreate, mapOps, ProgType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { attachIter, encodeIterInfo } from './iter'
import { kernelTypeId } from './testing/btf-ids'
import { countingProgram } from './testing/counting-program'
import { attachErrorOf } from './testing/errors'
import { testCgroup } from './testing/test-cgroup'
import { openDescriptors, testContext } from './testing/test-context'

const context = testContext()
const { sys, kernel } = context

const load = (target: string) =>
  countingProgram(sys, {
    type: ProgType.Tracing,
    expectedAttachType: AttachType.TraceIter,
    attachBtfId: kernelTypeId(kernel, `bpf_iter_${target}`, 'func'),
    target,
  })

/** Programs that get elements of maps may write to them, which some kernels answer with EPERM as they do for patched functions. */
function refusesMapElements(): boolean {
  try {
    load('bpf_map_elem')[Symbol.dispose]()
    return false
  } catch (error) {
    if (isSyscallError(error, Errno.EPERM)) return true
    throw error
  }
}

const refused = refusesMapElements()

describe('an iterator', () => {
  it('runs over all objects, and once more at the end, whenever it is read', () => {
    const before = openDescriptors()
    {
      using program = load('task')
      const link = attachIter(context, program)
      expect(link).toMatchObject({ kind: 'iter', interface: 'bpf link', target: 'iterator task' })
      expect(link.info()).toMatchObject({ kind: 'iter', target: 'task' })
      expect(program.count()).toBe(0)
      expect(link.text()).toBe('')
      const first = program.count()
      expect(first).toBeGreaterThan(10)
      expect(link.text()).toBe('')
      expect(program.count()).toBeGreaterThan(first)
      link.close()
    }
    expect(openDescriptors()).toBe(before)
  })

  it.skipIf(refused)(`may be over the elements of a map${refused ? ' (this kernel refuses such programs)' : ''}`, () => {
    using map = mapCreate(sys, { type: MapType.Hash, keySize: 4, valueSize: 4, maxEntries: 8 })
    const ops = mapOps(sys, map.fd, { keySize: 4, valueSize: 4 })
    for (const key of [1, 2, 3]) {
      ops.key[0] = key
      ops.update()
    }
    using program = load('bpf_map_elem')
    using link = attachIter(context, program, { map })
    expect(link.text()).toBe('')
    // Three elements, and the end.
    expect(program.count()).toBe(4)
    expect(attachErrorOf(() => attachIter(context, program)).message).toContain('iterator bpf_map_elem')
  })

  it('may be over the threads of a process', () => {
    using program = load('task')
    using link = attachIter(context, program, { pid: process.pid })
    link.text()
    const threads = Number(/^Threads:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
    expect(program.count()).toBe(threads + 1)
  })

  it('may be over cgroups', () => {
    using parent = testCgroup(context, 'iter')
    using child = testCgroup(context, 'child', parent)
    using program = load('cgroup')
    using below = attachIter(context, program, { cgroup: parent.path })
    below.text()
    expect(program.count()).toBe(3)
    using self = attachIter(context, program, { cgroup: child.path, order: 'self' })
    self.text()
    expect(program.count()).toBe(5)
  })

  it('ends when its reader does not go on', async () => {
    using program = load('task')
    using link = attachIter(context, program)
    const before = openDescriptors()
    for await (const _ of link.stream()) break
    expect(openDescriptors()).toBe(before)
  })
})

describe('what an iterator is told', () => {
  it.each([
    [{}, undefined],
    [{ map: { fd: 7 } }, [7]],
    [{ tid: 5 }, [5, 0, 0]],
    [{ pid: 5 }, [0, 5, 0]],
  ])('%j', (target, words) => {
    const bytes = encodeIterInfo(target)
    expect(bytes && [...new Uint32Array(bytes.buffer)]).toEqual(words)
  })
})
