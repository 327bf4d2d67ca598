import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeBtf } from './encode'
import { essentialName } from './essential-name'
import { parseBtf } from './parse'
import type { TypeInput } from './type-input'
import type { Btf } from './types'

/** Short names of few letters, so that many are the same, and many are flavours of others. */
const names = fc.array(fc.stringMatching(/^[ab]{1,3}(___[ab]{1,2})?$/), { minLength: 1, maxLength: 60 })
const structs = (names: readonly string[]): TypeInput[] => names.map(name => ({ kind: 'struct', name, size: 0, members: [] }))
const idsWhere = (names: readonly string[], holds: (name: string) => boolean) =>
  names.flatMap((name, index) => (holds(name) ? [index + 1] : []))

/** More than go without a table. */
function lookUpOften(btf: Btf): void {
  for (let i = 0; i < 20; i++) btf.idsByName('none')
}

describe('look-ups by name', () => {
  it.each([
    ['the first ones', () => {}],
    ['later ones', lookUpOften],
  ])('%s find every type of that name, and of its flavours, in order', (_, before) => {
    fc.assert(
      fc.property(names, names => {
        const btf = parseBtf(encodeBtf(structs(names)))
        before(btf)
        const wanted = names[0] as string
        expect(btf.idsByName(wanted)).toEqual(idsWhere(names, name => name === wanted))
        const essential = essentialName(wanted)
        expect(btf.idsByEssentialName(essential)).toEqual(idsWhere(names, name => essentialName(name) === essential))
      }),
    )
  })

  it('go on finding the same when there come to be many', () => {
    const all = ['task', 'task___v2', 'a', 'file', 'task']
    const btf = parseBtf(encodeBtf(structs(all)))
    for (let i = 0; i < 20; i++) {
      expect(btf.idsByName('task')).toEqual([1, 5])
      expect(btf.idsByEssentialName('task')).toEqual([1, 2, 5])
      expect(btf.idsByName('a')).toEqual([3])
    }
  })
})
