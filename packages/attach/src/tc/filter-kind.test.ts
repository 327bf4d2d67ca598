import { encodeAttributes, type NetlinkAttribute } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { encodeAction, filterKinds, programsInForeignActions } from './filter-kind'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('a filter that lets everything to an action', () => {
  it('is asked for as the kernel reads it', () => {
    // matchall: actions (2) → the first (1) → kind "bpf" (1), options (2): struct tc_act_bpf (2), descriptor (5), name (6)
    expect(hex(encodeAttributes(filterKinds.matchall.encode({ progFd: 7, name: 'a', directAction: true })))).toBe(
      '3c000280' +
        '38000180' +
        '0800010062706600' +
        '2c000280' +
        `18000200${'00'.repeat(8)}ffffffff${'00'.repeat(8)}` +
        '0800050007000000' +
        '0600060061000000',
    )
  })

  const ours = encodeAction({ progFd: 7, name: 'a' }, 12)
  const mirror: NetlinkAttribute[] = [
    [1, 'mirred'],
    [2, []],
  ]
  const decode = (...actions: (readonly NetlinkAttribute[])[]) =>
    filterKinds.matchall.decode(encodeAttributes([[2, actions.map((action, index) => [index + 1, action])]]))

  it('is read as the kernel tells it', () => {
    expect(decode(ours)).toEqual({ name: 'a', programId: undefined, directAction: true, action: 12, actions: [] })
  })

  it('may have other actions before it, and programs behind', () => {
    const second = encodeAction({ progFd: 8, name: 'b' }, 13)
    expect(decode(mirror, ours, second)).toMatchObject({ name: 'a', action: 12, actions: [{ name: 'b', index: 13 }] })
  })

  it('has another action, or none', () => {
    expect(decode(mirror)).toBeUndefined()
    expect(filterKinds.matchall.decode(encodeAttributes([]))).toBeUndefined()
  })

  it('is found in filters of other kinds', () => {
    expect(programsInForeignActions('u32', encodeAttributes([[7, [[1, ours]]]]))).toEqual([{ name: 'a', programId: undefined, index: 12 }])
    expect(programsInForeignActions('tcindex', encodeAttributes([[7, [[1, ours]]]]))).toEqual([])
  })
})
