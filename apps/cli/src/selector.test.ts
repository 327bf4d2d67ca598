import { describe, expect, it } from 'vitest'
import { takeSelector } from './selector'

const io = { resolvePath: (path: string) => `/here/${path}` } as Parameters<typeof takeSelector>[2]

describe('takeSelector', () => {
  it('takes a keyword and what follows it', () => {
    expect(takeSelector(['id', '7', 'key', '1'], 'map', io)).toEqual({ selector: { id: 7 }, rest: ['key', '1'] })
    expect(takeSelector(['name', '7'], 'map', io)).toEqual({ selector: { name: '7' }, rest: [] })
    expect(takeSelector(['tag', '3B185187f1855c4c'], 'prog', io)).toEqual({ selector: { tag: '3B185187f1855c4c' }, rest: [] })
    expect(takeSelector(['pinned', 'counts'], 'map', io)).toEqual({ selector: { pinned: '/here/counts' }, rest: [] })
  })

  it('tells ids, paths and names apart without a keyword', () => {
    expect(takeSelector(['7'], 'prog', io).selector).toEqual({ id: 7 })
    expect(takeSelector(['mine/counts'], 'map', io).selector).toEqual({ pinned: '/here/mine/counts' })
    expect(takeSelector(['counts', 'key'], 'map', io)).toEqual({ selector: { name: 'counts' }, rest: ['key'] })
  })

  it('says what can be said when it is wrong', () => {
    expect(() => takeSelector([], 'map', io)).toThrow('which map?')
    expect(() => takeSelector(['id'], 'map', io)).toThrow('id: what follows is missing')
    expect(() => takeSelector(['id', 'x'], 'map', io)).toThrow('id x: an id is a number')
    expect(() => takeSelector(['tag', '12'], 'prog', io)).toThrow('16 hex digits')
    expect(() => takeSelector(['mine'], 'link', io)).toThrow('mine is no link')
  })
})
