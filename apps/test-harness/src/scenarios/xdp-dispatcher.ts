import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { queryXdp, queryXdpDispatcher } from '@bpf/attach'
import { type DispatchedXdp, dispatchXdp } from '@bpf/loader'
import { ids } from '@bpf/sys'
import type { Requirements, Scenario, ScenarioContext, TestNetwork } from '../scenario/types'
import { prepared } from './every-hook'
import { killAtEveryPoint, removeLeftovers, runDirectoryOf } from './killed'

const cable = prepared(t => t.network())
const requires: Requirements = { features: ['freplace link', 'xdp'], modules: ['veth'], commands: ['ip'] }
const object = 'xdp-chain.o'
const patched = 'freplace.o'

const place = ({ near: { netns, interface: name } }: TestNetwork) => ({ netns, interface: name, mode: 'generic' }) as const

/** Fails on kernels that let no code be patched, where programs run alone instead. */
function prepare(t: ScenarioContext): void {
  using target = t.open(patched).only('target').load()
  const programs = { replacement: { targetProgram: target.program('target').fd } }
  t.open(patched).only('replacement').load({ programs }).close()
  cable.prepare(t)
}

/** Loads a program and puts it beside those that are there. */
function dispatch(t: ScenarioContext, program: 'count_all' | 'drop_all', priority?: number): DispatchedXdp {
  const ours = dispatchXdp(t.open(object), program, { ...place(cable.of(t)), ...(priority === undefined ? {} : { priority }) })
  t.defer(() => ours[Symbol.dispose]())
  return ours
}

function expectOrder(t: ScenarioContext, ...expected: readonly string[]): void {
  const programs = queryXdpDispatcher(t.attachContext, place(cable.of(t)))?.programs ?? []
  const order = programs.map(({ name, priority }) => `${name} ${priority}`)
  if (order.join() !== expected.join()) throw new Error(`the dispatcher runs ${order.join() || 'nothing'}, expected ${expected.join()}`)
}

function expectNothing(t: ScenarioContext): void {
  if (queryXdp(t.attachContext, place(cable.of(t))).length > 0) throw new Error('a program is left')
}

/** For a victim. */
interface DispatchOrder {
  readonly runDirectory: string
  readonly place: ReturnType<typeof place>
}

/** Several programs on one interface, those of `xdp-loader` among them. */
export const xdpDispatcherScenarios: readonly Scenario[] = [
  {
    name: 'XDP programs one after the other',
    family: 'xdp dispatcher',
    requires,
    files: [object, patched],
    prepare,
    check(t) {
      const { near, far, send } = cable.of(t)
      const last = dispatch(t, 'drop_all')
      const first = dispatch(t, 'count_all')
      if (first.link.interface !== 'dispatcher') throw new Error(`attached by ${first.link.interface}`)
      expectOrder(t, 'count_all 10', 'drop_all 20')
      if (send(far, near)) throw new Error('the second program did not run')
      if (first.object.variable('counted').get() === 0n) throw new Error('the first program did not run')
      dispatch(t, 'drop_all', 5).link.close()
      last.link.close()
      expectOrder(t, 'count_all 10')
      if (!send(far, near)) throw new Error('the last program still runs')
      first.link.close()
      expectNothing(t)
    },
  },
  {
    name: 'XDP programs of a process that is killed',
    family: 'xdp dispatcher',
    requires,
    files: [object, patched],
    prepare,
    victim({ context: bare, order, open }) {
      const { runDirectory, place } = order as DispatchOrder
      const context = { ...bare, runDirectory }
      const first = dispatchXdp(open(object, context), 'count_all', place)
      dispatchXdp(open(object, context), 'drop_all', place)
      first.link.close()
    },
    async check(t) {
      const { near, far, send } = cable.of(t)
      const runDirectory = runDirectoryOf(t)
      const context = { ...t.attachContext, runDirectory }
      const living = dispatch(t, 'count_all', 50)
      const order: DispatchOrder = { runDirectory, place: place(cable.of(t)) }
      const programs = () => [...ids(context.sys, 'prog')].length
      const before = programs()
      await killAtEveryPoint(t, order, async point => {
        removeLeftovers(context, point)
        expectOrder(t, 'count_all 50')
        await t.until(`${point}: the programs of the dead are gone`, () => programs() <= before)
        if (!send(far, near)) throw new Error(`${point}: packets are dropped`)
      })
      living.link.close()
      expectNothing(t)
      const pins = readdirSync(join(t.attachContext.kernel.ensureBpffs(), 'xdp'))
      if (pins.length > 0) throw new Error(`pins are left: ${pins.join()}`)
    },
  },
  {
    name: 'XDP programs of one object, by targets',
    family: 'xdp dispatcher',
    requires,
    files: [object, patched],
    prepare,
    check(t) {
      const { near, far, send } = cable.of(t)
      const loaded = t.open(object).load()
      t.defer(() => loaded.close())
      const targets = {
        count_all: `${near.interface},dispatch,priority=3,mode=generic,netns=${near.netns}`,
        drop_all: { xdpDispatched: { ...place(cable.of(t)), priority: 5 } },
      }
      const { links } = loaded.attach({ targets })
      if (links.some(link => link.interface !== 'dispatcher')) throw new Error(`attached by ${links.map(link => link.interface).join()}`)
      expectOrder(t, 'count_all 3', 'drop_all 5')
      if (send(far, near)) throw new Error('the second program did not run')
      if (loaded.variable('counted').get() === 0n) throw new Error('the first program did not count in the variable of its object')
      loaded.close()
      expectNothing(t)
    },
  },
  {
    name: 'XDP programs of ours and of xdp-loader',
    family: 'xdp dispatcher',
    requires: { ...requires, commands: ['ip', 'xdp-loader'] },
    files: [object, patched],
    prepare,
    check(t) {
      const { near } = cable.of(t)
      const loader = (...args: readonly string[]) => near.inside(() => t.run('xdp-loader', ...args))
      loader('load', '-m', 'skb', '-n', 'drop_all', near.interface, t.file(object))
      expectOrder(t, 'drop_all 20')
      const ours = dispatch(t, 'count_all')
      expectOrder(t, 'count_all 10', 'drop_all 20')
      loader('load', '-m', 'skb', '-n', 'count_all', '-P', '15', near.interface, t.file(object))
      expectOrder(t, 'count_all 10', 'count_all 15', 'drop_all 20')
      const status = loader('status', near.interface)
      if (!/10\s+count_all.*XDP_DROP,XDP_PASS/.test(status)) throw new Error(`xdp-loader does not see ours:\n${status}`)
      ours.link.close()
      expectOrder(t, 'count_all 15', 'drop_all 20')
      loader('unload', near.interface, '--all')
      expectNothing(t)
    },
  },
]
