import { readdirSync } from 'node:fs'
import { attachIter, type IterLink } from '@bpf/attach'
import type { Scenario, ScenarioContext } from '../scenario/types'
import { onHook } from './every-hook'

const iterators = new WeakMap<ScenarioContext, IterLink>()

export const iterScenarios: readonly Scenario[] = [
  onHook('on_task', {
    name: 'iter over tasks',
    family: 'iter',
    requires: { features: ['iter'] },
    attach(t) {
      const iterator = attachIter(t.attachContext, t.program('on_task'))
      iterators.set(t, iterator)
      return iterator
    },
    check(t) {
      iterators.get(t)?.text()
      if (Number(t.read('runs')) < 10) throw new Error(`it ran over ${t.read('runs')} tasks`)
    },
  }),
  onHook('on_task', {
    name: 'iter over the threads of a process',
    family: 'iter',
    requires: { features: ['iter', 'iter parameters'] },
    attach(t) {
      const iterator = attachIter(t.attachContext, t.program('on_task'), { pid: process.pid })
      iterators.set(t, iterator)
      return iterator
    },
    check(t) {
      iterators.get(t)?.text()
      const threads = readdirSync('/proc/self/task').length
      if (t.read('runs') !== BigInt(threads)) throw new Error(`it ran over ${t.read('runs')} threads of ${threads}`)
    },
  }),
  onHook('on_element', {
    name: 'iter over the elements of a map',
    family: 'iter',
    requires: { features: ['iter'] },
    attach(t) {
      const elements = t.object.map('elements')
      for (const key of [1, 2, 3]) elements.set(key, key)
      const iterator = attachIter(t.attachContext, t.program('on_element'), { map: elements })
      iterators.set(t, iterator)
      return iterator
    },
    check(t) {
      iterators.get(t)?.text()
      if (t.read('runs') !== 3n) throw new Error(`it ran over ${t.read('runs')} elements of 3`)
    },
  }),
]
