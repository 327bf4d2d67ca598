import { encodeAttributes } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { encodeAction, filterKinds } from './tc-filter-kind'

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

  it('is read as the kernel tells it', () => {
    const described = encodeAction({ progFd: 7, name: 'a' }, 12)
    const facts = filterKinds.matchall.decode(encodeAttributes([[2, [[1, described]]]]))
    expect(facts).toEqual({ name: 'a', programId: undefined, directAction: true, action: 12 })
  })

  it('has another action, or none', () => {
    expect(
      filterKinds.matchall.decode(
        encodeAttributes([
          [
            2,
            [
              [
                1,
                [
                  [1, 'mirred'],
                  [2, []],
                ],
              ],
            ],
          ],
        ]),
      ),
    ).toBeUndefined()
    expect(filterKinds.matchall.decode(encodeAttributes([]))).toBeUndefined()
  })
})
