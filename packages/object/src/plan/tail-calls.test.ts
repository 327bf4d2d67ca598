import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { MapType } from '../constants/map-type'
import { newMap } from '../new-map'
import { readObject } from '../read/read-object'
import { tailCallSlots } from './tail-calls'

const read = async (path: string) => readObject(await readFixture(path), { name: 'test' })

describe('tailCallSlots', () => {
  it('puts socket/N into slot N of the program array', async () => {
    const { maps, programs } = await read('legacy/tail-calls.o')
    expect(tailCallSlots(maps, programs)).toEqual({
      map: 'slots',
      slots: [
        { index: 0, kind: 'program', name: 'first' },
        { index: 1, kind: 'program', name: 'second' },
      ],
      warning: undefined,
    })
  })

  it('leaves arrays alone whose initialiser says what is in them', async () => {
    const { maps, programs } = await read('legacy/tail-calls.o')
    const filled = maps.map(map =>
      map.name === 'slots' ? { ...map, slots: [{ index: 3, kind: 'program' as const, name: 'first' }] } : map,
    )
    expect(tailCallSlots(filled, programs).map).toBeUndefined()
  })

  it('does not guess between several arrays, and says so', async () => {
    const { maps, programs } = await read('legacy/tail-calls.o')
    const second = newMap('more', { type: MapType.ProgArray, keySize: 4, valueSize: 4, maxEntries: 1 })
    expect(tailCallSlots([...maps, second], programs)).toEqual({
      map: undefined,
      slots: [],
      warning: 'slots 0, 1 are left empty: several program arrays (slots, more)',
    })
  })

  it('has nothing to do where no section names a slot', async () => {
    const { maps, programs } = await read('checks/tail-calls.o')
    expect(tailCallSlots(maps, programs)).toEqual({ map: undefined, slots: [], warning: undefined })
  })
})
