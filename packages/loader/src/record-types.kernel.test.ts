import { type RecordStream, struct, text, u32, u64 } from '@bpf/maps'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { LoadedObject } from './loaded-object'
import { isRoot, kernelTest } from './testing/kernel'

const bytes = new Uint8Array([7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, ...Buffer.from('cat\0\0\0\0\0')])
const event = { pid: 7, padding: 0, bytes: 1n << 40n, comm: 'cat' }
const codec = struct({ pid: u32, padding: u32, bytes: u64, comm: text(8) })

describe.skipIf(!isRoot)('records of buffers that do not say their type (needs root)', () => {
  const { openFixture } = kernelTest()
  const openUntyped = () => openFixture('features/untyped-records.o')

  /** The next record, as `options` say. */
  async function next(object: LoadedObject, map: string, options: NonNullable<Parameters<LoadedObject['records']>[1]> = {}) {
    const stream = object.records(map, options)
    object.program('write_events').run()
    const { value } = await stream.next()
    await stream.return()
    return value?.kind === 'record' ? value.value : value
  }

  it.each(['events', 'samples'])('%s: bytes, then what the caller says, from then on', async map => {
    using object = (await openUntyped()).load()
    // A perf buffer pads its records to a multiple of 8 bytes, less the 4 of their length.
    expect(await next(object, map)).toEqual(map === 'events' ? bytes : new Uint8Array([...bytes, 0, 0, 0, 0]))
    expect(await next(object, map, { type: 'struct event' })).toEqual(event)
    expect(await next(object, map)).toEqual(event)
    expect(await next(object, map, { type: codec })).toEqual(event)
    expect(() => object.records(map, { type: 'struct evnt' })).toThrow(expect.objectContaining({ hint: 'did you mean event?' }))
  })

  it('a type can be said before loading', async () => {
    using object = (await openUntyped()).recordType('events', 'event').load()
    expect(await next(object, 'events')).toEqual(event)
  })

  it('the values of a codec are of its type', async () => {
    using object = (await openUntyped()).load()
    const stream = object.events('events', { type: codec })
    expectTypeOf(stream).toEqualTypeOf<RecordStream<{ pid: number; padding: number; bytes: bigint; comm: string }>>()
    object.program('write_events').run()
    expect((await stream.next()).value).toEqual(event)
    await stream.return()
  })
})
