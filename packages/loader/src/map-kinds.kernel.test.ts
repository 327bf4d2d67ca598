import { createMap, openMapById, struct, u32 } from '@bpf/maps'
import { MapType, openSocket } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { LoadError } from './errors'
import { errorOf } from './testing/error-of'
import { isRoot, kernelTest } from './testing/kernel'

const AF_XDP = 44
const SOCK_RAW = 3

describe.skipIf(!isRoot)('maps of a loaded object (needs root)', () => {
  const { openFixture, context } = kernelTest()
  const load = async () => (await openFixture('features/map-kinds.o')).load()
  const cpus = context.kernel.possibleCpus
  const route = { via: 1, metric: 10 }

  it('have the operations of their type', async () => {
    using object = await load()
    const kinds = Object.fromEntries([...object.maps.values()].map(({ name, kind }) => [name, kind]))
    expect(kinds).toMatchObject({
      routes: 'keyed',
      per_cpu: 'perCpu',
      tables: 'mapOfMaps',
      jumps: 'descriptors',
      jobs: 'queue',
      done: 'queue',
      seen: 'bloom',
      notes: 'storage',
      sockets: 'descriptors',
      devices: 'keyed',
      stacks: 'keyed',
      '.data': 'keyed',
    })
  })

  it('are the same when they are opened by id', async () => {
    using object = await load()
    for (const map of object.maps.values()) {
      using found = openMapById(context, map.info().id)
      expect([map.name, found.kind]).toEqual([map.name, map.kind])
    }
  })

  it('say how to ask for them', async () => {
    using object = await load()
    const error = errorOf(LoadError, () => object.map('jobs', 'keyed'))
    expect(error.message).toBe('map "jobs" is of kind queue, not keyed')
    expect(error.hint).toBe(`ask for it as object.map("jobs", 'queue')`)
  })

  it('LPM tries: prefixes of addresses as texts, other keys by their members', async () => {
    using object = await load()
    const routes = object.map('routes', 'keyed')
    routes.set('10.0.0.0/8', route)
    expect(routes.get('10.1.2.3')).toEqual(route)
    expect([...routes]).toEqual([['10.0.0.0/8', route]])
    object.map('routes6', 'keyed').set('2001:db8::/32', route)
    expect([...object.map('routes6').keys()]).toEqual(['2001:db8::/32'])
    const rules = object.map('rules', 'keyed')
    rules.set({ length: 16, zone: 3, port: 0 }, 5)
    expect(rules.get({ length: 32, zone: 3, port: 80 })).toBe(5)
    using found = openMapById(context, routes.info().id)
    expect(found.kind === 'keyed' && [...found]).toEqual([['10.0.0.0/8', route]])
  })

  it('per-CPU: arrays by CPU', async () => {
    using object = await load()
    const values = Array.from({ length: cpus }, (_, cpu) => ({ via: cpu, metric: 1 }))
    const map = object.map('per_cpu', 'perCpu')
    map.set(1, values)
    expect(map.get(1)).toEqual(values)
    expect(map.getOn(cpus - 1, 1)).toEqual({ via: cpus - 1, metric: 1 })
    expect(object.map('per_cpu', 'keyed').get(1)).toEqual(values)
  })

  it('maps in maps: handles in and out, with the types of the inner definition', async () => {
    using object = await load()
    using other = await load()
    const tables = object.map('tables', 'mapOfMaps')
    expect(tables.get(0)).toBeUndefined()
    // Without BTF of its own it is read by the inner definition's types.
    using inner = createMap(context, { type: MapType.Hash, key: u32, value: struct({ via: u32, metric: u32 }), maxEntries: 4 })
    inner.set(1, route)
    tables.set(0, inner)
    using found = tables.get(0)
    expect(found?.kind === 'keyed' && [...found]).toEqual([[1, route]])
    expect(() => tables.set(1, other.map('routes'))).toThrow('EINVAL')
  })

  it('program arrays: programs in, ids out', async () => {
    using object = await load()
    const jumps = object.map('jumps', 'descriptors')
    jumps.set(1, object.program('use_maps'))
    expect([...jumps]).toEqual([[1, object.program('use_maps').info().id]])
  })

  it('queues and stacks: values by their type, from both sides', async () => {
    using object = await load()
    const jobs = object.map('jobs', 'queue')
    object.program('use_maps').run()
    jobs.push({ id: 8, name: 'from here' })
    expect([...jobs.drain()]).toEqual([
      { id: 7, name: 'from BPF' },
      { id: 8, name: 'from here' },
    ])
    const done = object.map('done', 'queue')
    for (const id of [1, 2]) done.push({ id, name: '' })
    expect(done.pop()).toEqual({ id: 2, name: '' })
  })

  it('bloom filters, local storage, sockmaps, devices', async () => {
    using object = await load()
    const seen = object.map('seen', 'bloom')
    seen.add({ id: 1, name: 'one' })
    expect(seen.has({ id: 1, name: 'one' })).toBe(true)
    const notes = object.map('notes', 'storage')
    notes.set({ pid: process.pid }, route)
    expect(notes.get({ pid: process.pid })).toEqual(route)
    expect(object.map('sockets', 'descriptors').has({ length: 1, zone: 2, port: 3 })).toBe(false)
    object.map('devices', 'keyed').set(0, { ifindex: 1, program: 0 })
    expect(object.map('devices', 'keyed').get(0)).toEqual({ ifindex: 1, program: 0 })
  })

  it('AF_XDP sockets: go in and out, and tell nothing', async () => {
    using object = await load()
    const queues = object.map('queues', 'descriptors')
    using socket = openSocket(context.sys, AF_XDP, SOCK_RAW)
    using another = openSocket(context.sys, AF_XDP, SOCK_RAW)
    expect(queues.set(1, socket)).toBe(true)
    expect(queues.set(1, another, 'create')).toBe(false)
    expect(() => queues.id(1)).toThrow('EOPNOTSUPP')
    expect(queues.delete(1)).toBe(true)
  })

  it('stack traces: addresses of kernel functions, innermost first', async () => {
    using object = await load()
    object.program('take_stack').run()
    const id = Number(object.variable('stack_id').get())
    expect(id).toBeGreaterThanOrEqual(0)
    const stack = object.map('stacks').get(id)
    const addresses = Array.isArray(stack) ? stack : []
    expect(addresses.length).toBeGreaterThan(2)
    for (const address of addresses) expect(address).toBeGreaterThan(0xffff_0000_0000_0000n)
    expect([...object.map('stacks').keys()]).toEqual([id])
  })
})
