import { readFixture } from '@bpf/fixtures'
import { type MapHandle, VariableError } from '@bpf/maps'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { open } from './open'
import { errorOf } from './testing/error-of'
import { isRoot, kernelTest } from './testing/kernel'

describe.skipIf(!isRoot)('variables of a loaded object (needs root)', () => {
  const { openFixture, context } = kernelTest()

  it('are read by their C types', async () => {
    using object = (await openFixture('checks/globals.o')).load()
    const value = (name: string) => object.variable(name).get()
    expect(value('an_s8')).toBe(-8)
    expect(value('a_u64')).toBe(0xfedcba9876543210n)
    expect(value('a_bool')).toBe(true)
    expect(value('a_colour')).toBe('GREEN')
    expect(value('a_text')).toBe('initial')
    expect(value('an_array')).toEqual([1, 2, 3, 4])
    expect(value('moved')).toEqual({ x: 10, y: 20, info: { flags: 0, label: '' } })
    expect(value('in_own_data')).toBe(11)
    expect(value('zeros')).toHaveLength(64)
  })

  it('that are set before loading are what programs see, and what they write is seen here', async () => {
    using object = (await openFixture('checks/globals.o'))
      .set('a_u32', 5)
      .set('an_s64', -1n)
      .set('a_bool', false)
      .set('a_colour', 'BLUE')
      .set('a_text', 'changed')
      .set('next', 7)
      .load()
    object.program('copy_settings').run()
    const value = (name: string) => object.variable(name).get()
    expect(['seen_u32', 'seen_s64', 'seen_bool', 'seen_colour', 'seen_text', 'next', 'runs'].map(value)).toEqual([
      5,
      -1n,
      false,
      'BLUE',
      'changed',
      8,
      1n,
    ])
  })

  it('can be set while programs run', async () => {
    using object = (await openFixture('checks/globals.o')).load()
    object.variable('next').set(41)
    object.program('copy_settings').run()
    expect(object.variable('next').get()).toBe(42)
    object.variable('moved').set({ x: 1, y: -2, info: { flags: 3, label: 'there' } })
    expect(object.variable('moved').get()).toEqual({ x: 1, y: -2, info: { flags: 3, label: 'there' } })
  })

  it('are what the map of their section holds, by name', async () => {
    using object = (await openFixture('checks/globals.o')).load()
    const section = object.map('.data')
    expect(section.get(0)).toMatchObject({ next: expect.any(Number), moved: { x: 10, y: 20, info: { flags: 0, label: '' } } })
    section.set(0, { ...Object(section.get(0)), next: 41 })
    object.program('copy_settings').run()
    expect(object.variable('next').get()).toBe(42)
    expect(() => section.set(0, { next: 41 })).toThrow(expect.objectContaining({ code: expect.stringMatching(/^ERR_BPF_/) }))
  })

  it('share memory with the programs where the kernel maps it: no system call', async () => {
    using object = (await openFixture('checks/globals.o')).load()
    const runs = object.variable('runs')
    expect(runs.mapped).toBe(true)
    object.program('copy_settings').run()
    const traced = context.sys.trace
    expect(traced).toBeDefined()
    expect(runs.get()).toBe(1n)
  })

  it('of sections that user space may not map are read and written by copies', async () => {
    using object = (await openFixture('object/data.o')).load({ keepGoing: true })
    const variable = object.variable('private_one')
    expect([variable.mapped, variable.get()]).toEqual([false, 10])
    variable.set(12)
    expect(variable.get()).toBe(12)
  })

  it('in an arena', async () => {
    using object = (await openFixture('object/arena.o')).load()
    expect(object.variable('table').get()).toEqual([1n, 2n, 3n, 4n])
    object.variable('table').set([1n, 2n, 9n, 4n])
    object.variable('shared').set(100)
    expect(object.program('use').run().returnValue).toBe(9)
    expect(object.variable('shared').get()).toBe(101)
  })

  it('that are constant refuse to be set, and say when they can be', async () => {
    using object = (await openFixture('checks/globals.o')).load()
    const error = errorOf(VariableError, () => object.variable('a_u32').set(1))
    expect(error).toMatchObject({ code: 'ERR_BPF_READ_ONLY', hint: 'set it before loading: open(…).set(name, value)' })
    expect(object.variable('a_u32').readOnly).toBe(true)
  })

  it('are not half written by a value that does not fit', async () => {
    using object = (await openFixture('checks/globals.o')).load()
    const moved = object.variable('moved')
    expect(() => moved.set({ x: 99, y: 1e12, info: { flags: 3, label: 'there' } })).toThrow(/-?\d/)
    expect(moved.get()).toEqual({ x: 10, y: 20, info: { flags: 0, label: '' } })
  })

  it('are gone when the object is closed', async () => {
    const object = (await openFixture('checks/globals.o')).load()
    const mapped = object.variable('runs')
    object.close()
    expect(() => mapped.get()).toThrow('closed')
  })

  it('have the types that the caller declares', async () => {
    interface Checks {
      maps: { numbers: MapHandle<number, bigint> }
      variables: { sum: bigint; calls: number }
      programs: 'for_each_element' | 'loop'
    }
    using object = open<Checks>(await readFixture('checks/callbacks.o'), { context }).load()
    object.program('for_each_element').run()
    expectTypeOf(object.variable('sum').get()).toEqualTypeOf<bigint>()
    expectTypeOf(object.map('numbers').get(0)).toEqualTypeOf<bigint | undefined>()
    expect([object.variable('sum').get(), object.variable('calls').get()]).toEqual([100n, 4])
    expect(object.map('numbers').get(3)).toBe(40n)
    // @ts-expect-error: the object has no such program
    expect(() => object.program('loops')).toThrow('there is no program "loops"')
  })
})
