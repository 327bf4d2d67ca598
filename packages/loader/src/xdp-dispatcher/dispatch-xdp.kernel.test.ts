import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { type DispatchedTarget, encodeDispatcherConfig, queryXdp, queryXdpDispatcher } from '@bpf/attach'
import { readFixture } from '@bpf/fixtures'
import { getProgInfo, openById, ProgType } from '@bpf/sys'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isRoot, kernelTest } from '../testing/kernel'
import { dispatchXdp } from './dispatch-xdp'
import { dispatcherObject } from './dispatcher-object'
import { dispatcherLoader } from './load-dispatcher'

it('the dispatcher that is published is the one that is built', async () => {
  const built = await readFixture('attach/xdp-dispatcher.o')
  expect(Buffer.from(built).toString('base64'), 'run embed-objects.mjs').toBe(dispatcherObject)
})

describe.skipIf(!isRoot)('XDP programs one after the other (needs root)', async () => {
  const { context, openFixture } = kernelTest()
  const name = `bpf-dispatch-${process.pid}`
  const here = { interface: 'near', netns: `/run/netns/${name}` }
  const ip = (...args: string[]) => execFileSync('ip', ['-n', name, ...args], { encoding: 'utf8' })
  const chain = (program: string, target: Partial<DispatchedTarget> = {}) =>
    openFixture('attach/xdp-chain.o').then(object => dispatchXdp(object, program, { ...here, mode: 'generic', ...target }))
  const names = () => queryXdpDispatcher(context, here)?.programs.map(program => program.name)

  beforeAll(() => {
    execFileSync('ip', ['netns', 'add', name])
    ip('link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far')
    for (const end of ['near', 'far']) ip('link', 'set', end, 'addrgenmode', 'none', 'up')
  })
  afterAll(() => void execFileSync('ip', ['netns', 'delete', name]))

  it('have a dispatcher that the kernel takes, with any number of programs', () => {
    for (const count of [0, 1, 10]) {
      const slots = Array.from({ length: count }, (_, priority) => ({ priority, chainCallActions: 4, frags: true }))
      using dispatcher = dispatcherLoader(context)(encodeDispatcherConfig({ slots, frags: true }), { frags: true })
      expect(getProgInfo(context.sys, dispatcher.fd)).toMatchObject({
        type: ProgType.Xdp,
        name: 'xdp_dispatcher',
        mapIds: [expect.any(Number)],
      })
    }
  })

  const canPatch = await canReplace()
  it.skipIf(canPatch)('are refused beside another where code cannot be patched, and run alone', async () => {
    {
      using alone = await chain('count_all')
      expect(alone.link.interface).toBe('netlink')
      expect(queryXdp(context, here)).toMatchObject([{ mode: 'generic', programName: 'count_all' }])
      await expect(chain('drop_all')).rejects.toThrow('count_all')
    }
    expect(queryXdp(context, here)).toEqual([])
  })

  it.skipIf(!canPatch)('run by priority, come and go (needs a kernel that lets code be patched)', async () => {
    using second = await chain('drop_all')
    expect(second.link.interface).toBe('dispatcher')
    {
      using first = await chain('count_all')
      expect(names()).toEqual(['count_all', 'drop_all'])
      expect(queryXdpDispatcher(context, here)?.programs[0]).toMatchObject({ priority: 10, chainCallActions: ['XDP_DROP', 'XDP_PASS'] })
      using third = await chain('drop_all', { priority: 5, chainCallActions: ['XDP_TX'] })
      expect(names()).toEqual(['drop_all', 'count_all', 'drop_all'])
      third.link.close()
      first.link.close()
    }
    expect(names()).toEqual(['drop_all'])
    second.link.close()
    expect(queryXdp(context, here)).toEqual([])
    expect(readdirSync(`${context.kernel.ensureBpffs()}/xdp`)).toEqual([])
  })

  it.skipIf(!canPatch)('are attached so by a target, on the maps of their object (needs a kernel that lets code be patched)', async () => {
    using object = (await openFixture('attach/xdp-chain.o')).load()
    const { links } = object.attach({
      targets: { count_all: `near,dispatch,mode=generic,netns=${here.netns}`, drop_all: { xdpDispatched: { ...here, priority: 5 } } },
    })
    expect(links.map(link => link.interface)).toEqual(['dispatcher', 'dispatcher'])
    expect(queryXdpDispatcher(context, here)?.programs).toMatchObject([
      { name: 'drop_all', priority: 5 },
      { name: 'count_all', priority: 10 },
    ])
    const mapsOf = (id: number) => {
      using program = openById(context.sys, 'prog', id)
      return getProgInfo(context.sys, program.fd).mapIds
    }
    const [, counting] = queryXdpDispatcher(context, here)?.programs ?? []
    expect(mapsOf(counting?.programId ?? 0)).toEqual(mapsOf(object.program('count_all').info().id))
    object.close()
    expect(queryXdp(context, here)).toEqual([])
  })

  it.skipIf(canPatch)('by a target run alone, too, where code cannot be patched', async () => {
    using object = (await openFixture('attach/xdp-chain.o')).only('count_all').load()
    const { links } = object.attach({ targets: { count_all: `near,dispatch,priority=7,mode=generic,netns=${here.netns}` } })
    expect(links).toMatchObject([{ interface: 'netlink' }])
    expect(queryXdp(context, here)).toMatchObject([{ mode: 'generic', programName: 'count_all' }])
    object.close()
    expect(queryXdp(context, here)).toEqual([])
  })

  async function canReplace(): Promise<boolean> {
    const targets = await openFixture('attach/freplace.o')
    using target = targets.only('target').load()
    const object = (await openFixture('attach/freplace.o')).only('replacement')
    try {
      object.load({ programs: { replacement: { targetProgram: target.program('target').fd } } }).close()
      return true
    } catch {
      return false
    }
  }
})
