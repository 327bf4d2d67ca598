import { describe, expect, it } from 'vitest'
import { type NoteContents, parseNote } from './note'
import { isSamePlace, type Place } from './place'

const note: NoteContents = {
  program: 'drop',
  target: 'XDP of eth0',
  place: { kind: 'xdp', netns: 4026531840, ifindex: 2 },
  programs: [{ id: 7, loadTime: '123456789012345678' }],
  pins: [],
}

describe('a note', () => {
  it('is read as it was written', () => {
    expect(parseNote(JSON.stringify(note))).toEqual(note)
  })

  it.each<[string, unknown]>([
    ['nothing', ''],
    ['half a note', JSON.stringify(note).slice(0, 40)],
    ['a list', '[]'],
    ['null', 'null'],
    ['a place of an unknown kind', { ...note, place: { kind: 'toString' } }],
    ['a place without a number', { ...note, place: { kind: 'xdp', netns: '1', ifindex: 2 } }],
    ['programs that are none', { ...note, programs: [{ id: 7 }] }],
    ['no programs', { ...note, programs: undefined }],
    ['pins that are none', { ...note, pins: [7] }],
    ['more than any note takes', { ...note, program: 'x'.repeat(1 << 16) }],
  ])('is not %s', (_, contents) => {
    expect(parseNote(typeof contents === 'string' ? contents : JSON.stringify(contents))).toBeUndefined()
  })
})

describe('a place', () => {
  it('is the same whatever the order of its fields', () => {
    const a: Place = { kind: 'cgroup', path: '/a', attachType: 1 }
    expect(isSamePlace(a, { attachType: 1, path: '/a', kind: 'cgroup' })).toBe(true)
    expect(isSamePlace(a, { ...a, attachType: 2 })).toBe(false)
  })
})
