import fc from 'fast-check'
import { expect, it } from 'vitest'
import { partition } from './partition'

/** Groups as sets of nodes, in order of their first. */
function grouped(numbers: Int32Array): number[][] {
  const groups = new Map<number, number[]>()
  for (const [node, number] of numbers.entries()) groups.set(number, [...(groups.get(number) ?? []), node])
  return [...groups.values()]
}

/** The same by repeating the definition until nothing changes. */
function naively(labels: readonly string[], edges: readonly (readonly number[])[]): number[][] {
  let keys: string[] = [...labels]
  for (let round = 0; round <= labels.length; round++) {
    const names = new Map<string, number>()
    const numbers = keys.map(key => names.get(key) ?? names.set(key, names.size).size - 1)
    keys = numbers.map((number, node) => `${number}:${(edges[node] ?? []).map(target => numbers[target]).join()}`)
  }
  return [...new Set(keys)].map(key => keys.flatMap((other, node) => (other === key ? [node] : [])))
}

it('groups two equal cycles', () => {
  expect(grouped(partition(['struct', 'ptr', 'struct', 'ptr'], [[1], [0], [3], [2]]))).toEqual([
    [0, 2],
    [1, 3],
  ])
})

it('keeps apart what differs only far away', () => {
  const labels = ['ptr', 'ptr', 'int', 'ptr', 'ptr', 'char']
  expect(grouped(partition(labels, [[1], [2], [], [4], [5], []]))).toEqual([[0], [1], [2], [3], [4], [5]])
})

it('finds what the definition says', () => {
  const graph = fc
    .array(fc.record({ label: fc.constantFrom(0, 1, 2), targets: fc.array(fc.nat(), { minLength: 2, maxLength: 2 }) }), { maxLength: 30 })
    .map(nodes => ({
      labels: nodes.map(({ label }) => `${label}`),
      edges: nodes.map(({ label, targets }) => targets.slice(0, label).map(target => target % nodes.length)),
    }))
  fc.assert(
    fc.property(graph, ({ labels, edges }) => {
      expect(grouped(partition(labels, edges))).toEqual(naively(labels, edges))
    }),
    { numRuns: 500 },
  )
})

it('takes no more steps for a long chain than its length allows: it would give up otherwise', () => {
  const length = 100_000
  const labels = Array.from({ length }, () => 'const')
  const edges = labels.map((_, node) => [Math.min(node + 1, length - 1)])
  labels[length - 1] = 'int'
  expect(new Set(partition(labels, edges)).size).toBe(length)
})
