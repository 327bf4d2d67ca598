import { AttachFlag } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { anchorOf, nextTo, type Place } from './anchor'

const { Before, After, Id, Link } = AttachFlag

describe('a place among other programs', () => {
  it.each<[string, Place | undefined, object]>([
    ['nowhere in particular', undefined, { flags: 0 }],
    ['first', 'first', { flags: Before }],
    ['last', 'last', { flags: After }],
    ['before a program', { before: { program: { fd: 7 } } }, { flags: Before, relativeFd: 7 }],
    ['after a program by id', { after: { program: 99 } }, { flags: After | Id, relativeId: 99 }],
    ['before a link', { before: { link: { id: 5 } } }, { flags: Before | Link | Id, relativeId: 5 }],
    ['after a link by id', { after: { link: 6 } }, { flags: After | Link | Id, relativeId: 6 }],
  ])('%s', (_, place, anchor) => {
    expect(anchorOf(place)).toEqual(anchor)
  })

  it('is next to a link or a program', () => {
    expect(nextTo({ before: { link: 1 } }, 'link')).toBe(true)
    expect(nextTo({ after: { program: 1 } }, 'link')).toBe(false)
    expect(nextTo('first', 'link')).toBe(false)
  })
})
