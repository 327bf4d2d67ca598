import { readFixture } from '@bpf/fixtures'
import { getMap, readObject } from '@bpf/object'
import { describe, expect, it } from 'vitest'
import { changeMap, parseMapChange } from './map-change'

const execsnoop = readObject(await readFixture('examples/execsnoop.o'), { name: 'execsnoop' })

describe('--map', () => {
  it('takes one field or several', () => {
    expect(parseMapChange('events=max_entries:4096')).toEqual({ map: 'events', fields: [{ field: 'max_entries', value: 4096 }] })
    expect(parseMapChange('.data.x=flags:0x400,value_size:8').fields).toEqual([
      { field: 'flags', value: 0x400 },
      { field: 'value_size', value: 8 },
    ])
  })

  it('says what it does not understand', () => {
    expect(() => parseMapChange('events')).toThrow('expected NAME=FIELD:N')
    expect(() => parseMapChange('events=max_entries:many')).toThrow('expected FIELD:N, not "max_entries:many"')
    expect(() => parseMapChange('events=max_entrys:1')).toThrow(expect.objectContaining({ hint: 'did you mean max_entries?' }))
  })

  it('changes the definition before the plan is made', () => {
    changeMap(execsnoop, parseMapChange('events=max_entries:8192'))
    expect(getMap(execsnoop, 'events').maxEntries).toBe(8192)
    expect(() => changeMap(execsnoop, parseMapChange('event=max_entries:1'))).toThrow('there is no map "event"')
  })
})
