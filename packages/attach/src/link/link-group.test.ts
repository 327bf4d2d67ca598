import { describe, expect, it } from 'vitest'
import { heldLink } from './held-link'
import { linkGroup } from './link-group'

const label = { kind: 'test', program: 'p', target: 'a hook' }

describe('a group of links, of which one cannot be detached', () => {
  const detached: string[] = []
  let stuck = true
  const make = (name: string) =>
    heldLink({
      ...label,
      interface: 'tracefs event',
      detach() {
        if (name === 'stuck' && stuck) throw new Error('still in use')
        detached.push(name)
      },
    })

  it.each(['close', 'detach'] as const)('%s detaches the others, and says so', way => {
    detached.length = 0
    const group = linkGroup(label, ['first', 'stuck', 'last'], make)
    expect(group.closed).toBe(false)
    expect(() => group[way]()).toThrow('still in use')
    expect(detached).toEqual(['first', 'last'])
    expect(group.closed).toBe(false)
    stuck = false
    group[way]()
    expect([detached, group.closed]).toEqual([['first', 'last', 'stuck'], true])
    group[way]()
    stuck = true
  })

  it('is undone when making one fails, which is what is said', () => {
    detached.length = 0
    const making = (name: string) => {
      if (name === 'missing') throw new Error('no such function')
      return make(name)
    }
    expect(() => linkGroup(label, ['stuck', 'first', 'missing'], making)).toThrow('no such function')
    expect(detached).toEqual(['first'])
  })
})
