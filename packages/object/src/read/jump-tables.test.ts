import { describe, expect, it } from 'vitest'
import { buildObject, object } from '../testing/build-object'
import { readSpec } from '../testing/read-fixture'
import { readObject } from './read-object'

describe('jump tables', () => {
  it('list places in the section of the function that uses them', async () => {
    const { jumpTables } = await readSpec('object/jump-table')
    expect(jumpTables).toEqual([
      { name: 'table_one', offset: 0, entries: [0x30n, 0x40n] },
      { name: 'table_two', offset: 16, entries: [0x40n] },
    ])
  })

  it.each<[cause: string, ...symbols: ReturnType<typeof object>[]]>([
    ['jump table "a": it is past the end of the section', object('a', '.jumptables', 8, 16)],
    ['jump table "a": 12 bytes are no whole number of entries', object('a', '.jumptables', 0, 12)],
    ['jump table "a": 0 bytes are no whole number of entries', object('a', '.jumptables', 0, 0)],
    ['jump table "b": it overlaps the table before it', object('a', '.jumptables', 0, 16), object('b', '.jumptables', 8, 8)],
  ])('%s', (cause, ...symbols) => {
    const bytes = buildObject({ sections: { '.jumptables': { bytes: new Uint8Array(16) } }, symbols })
    expect(() => readObject(bytes)).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_OBJECT_JUMP_TABLE', section: '.jumptables', message: cause }),
    )
  })
})
