import { readFileSync } from 'node:fs'
import { attachStructOps, LinkError, queryStructOps, type StructOpsTarget, updateStructOps } from '@bpf/attach'
import { getMapInfo } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import type { LoadedObject } from './loaded-object'
import { isRoot, kernelTest } from './testing/kernel'

const available = () => readFileSync('/proc/sys/net/ipv4/tcp_available_congestion_control', 'utf8').trim().split(' ')

/** What registering takes, made of the plan by hand. */
function targetOf(object: LoadedObject, map: string): StructOpsTarget {
  const planned = object.plan.structOps.find(candidate => candidate.map === map) ?? expect.unreachable()
  const value = planned.value.slice()
  const view = new DataView(value.buffer)
  for (const { offset, program } of planned.programs) view.setBigUint64(offset, BigInt(object.program(program).fd), true)
  return { map: { fd: object.map(map).fd, name: map }, value }
}

describe.skipIf(!isRoot)('a TCP congestion control (needs root)', () => {
  const { context, openFixture } = kernelTest()
  const load = async () => (await openFixture('attach/struct-ops.o')).load()

  it.each([
    ['plain', 'map update'],
    ['linked', 'bpf link'],
  ])('of map %s is registered by %s until its link is closed', async (map, via) => {
    using object = await load()
    const link = attachStructOps(context, targetOf(object, map))
    expect(link).toMatchObject({ kind: 'struct_ops', interface: via, target: `struct_ops of map "${map}"` })
    expect(available()).toContain(`bpf_${map}`)
    const registered = queryStructOps(context).filter(({ mapId }) => mapId === getMapInfo(context.sys, object.map(map).fd).id)
    expect(registered).toEqual([{ linkId: via === 'bpf link' ? link.id : undefined, mapId: expect.any(Number), mapName: map }])
    link.close()
    link.close()
    await expect.poll(available).not.toContain(`bpf_${map}`)
  })

  it('that is linked takes the place of another without a gap', async () => {
    using first = await load()
    using second = await load()
    using link = attachStructOps(context, targetOf(first, 'linked'))
    updateStructOps(context, link, targetOf(second, 'linked'))
    expect(available()).toContain('bpf_linked')
    expect(link.program).toBe('linked')
  })

  it('that is registered by its map alone cannot be swapped, nor pinned', async () => {
    using first = await load()
    using second = await load()
    using link = attachStructOps(context, targetOf(first, 'plain'))
    expect(() => updateStructOps(context, link, targetOf(second, 'linked'))).toThrow(LinkError)
    expect(() => link.pin('/sys/fs/bpf/no')).toThrow(LinkError)
  })

  it('whose map is registered, or was, cannot be registered by it again', async () => {
    using object = await load()
    const link = attachStructOps(context, targetOf(object, 'plain'))
    expect(() => attachStructOps(context, targetOf(object, 'plain'))).toThrow('its map is registered already, or was')
    expect(available()).toContain('bpf_plain')
    link.close()
    expect(() => attachStructOps(context, targetOf(object, 'plain'))).toThrow('its map is registered already, or was')
  })

  it('has a name of its own', async () => {
    using first = await load()
    using second = await load()
    using _link = attachStructOps(context, targetOf(first, 'linked'))
    expect(() => attachStructOps(context, targetOf(second, 'linked'))).toThrow('an implementation of that name is registered already')
  })
})
