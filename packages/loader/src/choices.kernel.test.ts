import { getMapInfo, MapType, mapCreate } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { LoadError, NotFoundError } from './errors'
import type { BpfObject } from './open'
import { errorOf } from './testing/error-of'
import { isRoot, kernelTest } from './testing/kernel'
import { VerifierError } from './verifier/verifier-error'

describe.skipIf(!isRoot)('what is loaded is the caller’s choice (needs root)', () => {
  const { openFixture, context } = kernelTest()
  /** Makes the kernel refuse a program: its first instruction becomes `r0 = *(u64 *)(r0 + 0)`. */
  const spoil = (opened: BpfObject, name: string) => {
    const program = opened.spec.programs.find(each => each.name === name)
    opened.spec.functions = opened.spec.functions.map(each => {
      if (each.name !== program?.function) return each
      const code = each.code.slice()
      code.set([0x79, 0, 0, 0, 0, 0, 0, 0])
      return { ...each, code, references: each.references.filter(reference => reference.slot > 1) }
    })
    return opened
  }

  it('one program without the others', async () => {
    using object = (await openFixture('legacy/programs.o')).only('on_xdp').load()
    expect([...object.programs.keys()]).toEqual(['on_xdp'])
    const opened = await openFixture('legacy/programs.o')
    expect(errorOf(NotFoundError, () => opened.only('on_xpd')).hint).toContain('"on_xdp"')
  })

  it('one more program later, which shares the maps', async () => {
    using object = (await openFixture('legacy/programs.o')).only('on_xdp').load()
    object.program('on_xdp').run()
    expect(object.load('on_socket').run().returnValue).toBe(0)
    expect([...object.programs.keys()]).toEqual(['on_xdp', 'on_socket'])
    expect([...object.map('calls')].map(([, value]) => (value as Uint8Array)[0])).toEqual([0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0])
    expect(() => object.load('on_sockets')).toThrow('there is no program "on_sockets"')
  })

  it('the same program again, after it was unloaded', async () => {
    using object = (await openFixture('checks/globals.o')).load()
    const first = object.program('copy_settings')
    first.run()
    first.close()
    const second = object.load('copy_settings')
    second.run()
    expect(object.variable('runs').get()).toBe(2n)
    expect(second.info().tag).toMatch(/^[0-9a-f]{16}$/)
  })

  it('a program that is refused when it is loaded anew stays what it was, optional or not', async () => {
    const opened = (await openFixture('legacy/programs.o')).optional('on_xdp')
    using object = opened.load()
    const before = object.program('on_xdp')
    spoil(opened, 'on_xdp')
    expect(() => object.load('on_xdp')).toThrow(VerifierError)
    expect([object.program('on_xdp') === before, before.run().returnValue]).toEqual([true, 2])
  })

  it('an optional program may fail, and its failure is told', async () => {
    const events: string[] = []
    const opened = spoil(await openFixture('legacy/programs.o'), 'on_xdp').optional('on_xdp')
    using object = opened.load({ onEvent: event => void (event.kind === 'failed' && events.push(event.program.name)) })
    expect(object.programs.has('on_socket')).toBe(true)
    expect(object.failures).toHaveLength(1)
    expect(object.failures[0]).toMatchObject({ name: 'on_xdp', section: 'xdp', optional: true, error: expect.any(VerifierError) })
    expect(events).toEqual(['on_xdp'])
  })

  it('a program that is not optional ends it all', async () => {
    const opened = spoil(await openFixture('legacy/programs.o'), 'on_xdp')
    expect(errorOf(VerifierError, () => opened.load()).program).toBe('on_xdp')
  })

  it('the first of several that loads, in the order given', async () => {
    using both = (await openFixture('object/functions.o')).only('entry_too').anyOf('static_program', 'calls_beside').load()
    expect([...both.programs.keys()].toSorted()).toEqual(['entry_too', 'static_program'])
    using fallback = spoil(await openFixture('object/functions.o'), 'static_program')
      .only()
      .anyOf('static_program', 'calls_beside')
      .load()
    expect([...fallback.programs.keys()]).toEqual(['calls_beside'])
    expect(fallback.failures.map(failure => failure.name)).toEqual(['static_program'])
  })

  it('none of several is an error that tells of the first', async () => {
    const opened = spoil(await openFixture('object/functions.o'), 'static_program')
      .only()
      .anyOf('static_program')
    const error = errorOf(LoadError, () => opened.load())
    expect(error.message).toMatch(/^program "static_program" cannot be loaded, nor can another in its place: .*rejected by the verifier/)
    expect(error.cause).toBeInstanceOf(VerifierError)
  })

  it('everything that can be, with a report of the rest', async () => {
    const opened = spoil(await openFixture('legacy/programs.o'), 'on_socket')
    using object = opened.load({ keepGoing: true })
    expect(object.programs.size).toBe(11)
    expect(object.failures.map(({ name, error }) => [name, error.code])).toEqual([['on_socket', 'ERR_BPF_VERIFIER']])
  })

  it('a map with other sizes, by the hook', async () => {
    const opened = await openFixture('checks/callbacks.o')
    const seen: string[] = []
    using object = opened.load({
      onMap(map) {
        seen.push(map.name)
        return map.name === 'numbers' ? { ...map, maxEntries: 8 } : undefined
      },
    })
    expect(seen).toEqual(['numbers', '.bss'])
    expect(getMapInfo(context.sys, object.map('numbers').fd).maxEntries).toBe(8)
    expect(opened.spec.maps.find(map => map.name === 'numbers')?.maxEntries).toBe(4)
  })

  it('a map of the caller’s own in place of the object’s, which the object then closes', async () => {
    const own = mapCreate(context.sys, { type: MapType.Array, keySize: 4, valueSize: 8, maxEntries: 12, name: 'mine' })
    const { id } = getMapInfo(context.sys, own.fd)
    const opened = await openFixture('legacy/programs.o')
    const object = opened.load({ onMap: map => (map.name === 'calls' ? { use: own } : undefined) })
    object.program('on_socket').run()
    expect(getMapInfo(context.sys, object.map('calls').fd)).toMatchObject({ id, name: 'mine' })
    expect((object.map('calls').get(6) as Uint8Array)[0]).toBe(1)
    object.close()
    expect(own.closed).toBe(true)
  })

  it('a map of another object in place of its own, by the handle, which stays the other’s', async () => {
    using first = (await openFixture('legacy/programs.o')).load()
    const shared = first.map('calls')
    const second = (await openFixture('legacy/programs.o')).load({ onMap: map => (map.name === 'calls' ? { use: shared } : undefined) })
    second.program('on_socket').run()
    expect(second.map('calls').info().id).toBe(shared.info().id)
    second.close()
    expect((shared.get(6) as Uint8Array)[0]).toBe(1)
  })
})
