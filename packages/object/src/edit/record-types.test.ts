import { typeName } from '@bpf/btf'
import { beforeEach, describe, expect, it } from 'vitest'
import { genTypes } from '../gen-types/gen-types'
import { recordTypeOf } from '../record-type'
import type { ObjectSpec } from '../spec'
import { readSpec } from '../testing/read-fixture'
import { getMap } from './find'
import { findRecordType, recordTypeCandidates, setRecordType } from './record-types'

let untyped: ObjectSpec
beforeEach(async () => {
  untyped = await readSpec('features/untyped-records')
})

const recordsOf = ({ btf, ...spec }: ObjectSpec, map: string) => {
  const type = btf && recordTypeOf(btf, getMap({ ...spec, btf }, map))
  return btf && type && typeName(btf, type)
}

describe('the type of records', () => {
  it.each(['events', 'samples'])('is not known of %s until it is said', map => {
    expect(recordsOf(untyped, map)).toBeUndefined()
    setRecordType(untyped, map, 'event')
    expect(recordsOf(untyped, map)).toBe('struct event')
  })

  it('said by the caller takes the place of the declared one', async () => {
    const declared = await readSpec('features/perf-events')
    expect(recordsOf(declared, 'events')).toBe('struct syscall_event')
    setRecordType(declared, 'events', 'u32')
    expect(recordsOf(declared, 'events')).toBe('u32')
  })

  it.each(['struct event', 'event', ' struct  event '])('is found as %j', text => {
    expect(typeName(untyped.btf as never, findRecordType(untyped, text))).toBe('struct event')
  })

  it('is in generated modules', () => {
    setRecordType(untyped, 'events', 'event')
    const text = genTypes(untyped, { object: { kind: 'beside', path: './a.o' } })
    expect(text).toContain('readonly events: Event\n')
    expect(text).toContain('readonly samples: Uint8Array\n')
  })

  it.each([
    ['evnet', 'did you mean event?'],
    ['union event', 'did you mean event?'],
    ['nothing_like_it', 'clang leaves out types of local variables'],
  ])('%s is none', (text, hint) => {
    expect(() => findRecordType(untyped, text)).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_OBJECT_NO_SUCH', hint: expect.stringContaining(hint) }),
    )
  })

  it('needs BTF, and a map that carries records', async () => {
    const bare = await readSpec('object/data-no-btf')
    expect(() => findRecordType(bare, 'event')).toThrow('this object has no BTF')
    const counting = await readSpec('examples/syscall-count')
    expect(() => setRecordType(counting, 'syscalls', 'u64')).toThrow('map "syscalls" carries no records')
  })
})

describe('candidates', () => {
  it('are structs of the object, not of the kernel nor of maps', async () => {
    expect(recordTypeCandidates(untyped, 'events')).toEqual(['event'])
    const execsnoop = await readSpec('examples/execsnoop')
    expect(recordTypeCandidates(execsnoop, 'events')).not.toContain('task_struct')
  })
})
