import { attachCpumap, attachDevmap, attachXdp, type Link } from '@bpf/attach'
import { type CountingProgram, redirectingProgram } from '@bpf/attach/testing'
import { AttachType, type Fd, MapType, mapCreate, ProgType } from '@bpf/sys'
import type { FeatureName } from '../scenario/features'
import type { Scenario, ScenarioContext, TestNetwork } from '../scenario/types'
import { counting, prepared } from './every-hook'

interface RedirectCase {
  readonly family: 'devmap' | 'cpumap'
  readonly feature: FeatureName
  readonly mapType: number
  readonly attachType: number
  readonly attach: (t: ScenarioContext, program: CountingProgram, map: { readonly fd: Fd; readonly name: string }, at: TestNetwork) => Link
}

const [drop, pass] = [1, 2]

/** What arrives is sent to an entry of a map, whose program drops it; by drivers, as generic XDP has such programs since 5.15. */
function make(t: ScenarioContext, { family, mapType, attachType, attach }: RedirectCase) {
  const { sys } = t.attachContext
  const network = t.network()
  const map = mapCreate(sys, { type: mapType, keySize: 4, valueSize: 8, maxEntries: 1 })
  t.defer(() => map.close())
  const program = counting(t, { type: ProgType.Xdp, expectedAttachType: attachType, returns: drop, name: 'behind' })
  const front = redirectingProgram(sys, map)
  t.defer(() => front[Symbol.dispose]())
  // A veth device lets packets be sent to it where the other end has a program.
  const opposite = counting(t, { type: ProgType.Xdp, returns: pass, name: 'opposite' })
  for (const [end, first] of [
    [network.near, front],
    [network.far, opposite],
  ] as const) {
    const link = attachXdp(t.attachContext, first, { interface: end.interface, netns: end.netns, mode: 'native' })
    t.defer(() => link.close())
  }
  return { network, program, attach: () => attach(t, program, { fd: map.fd, name: family }, network) }
}

function redirect(one: RedirectCase): Scenario {
  const made = prepared(t => make(t, one))
  return {
    name: `program of a ${one.family}`,
    family: one.family,
    requires: { features: [one.feature], modules: ['veth'], commands: ['ip'] },
    prepare: made.prepare,
    attach: t => made.of(t).attach(),
    stimulate: t => void made.of(t).network.send(made.of(t).network.far, made.of(t).network.near),
    effect: t => made.of(t).program.count(),
  }
}

const cases: readonly RedirectCase[] = [
  {
    family: 'devmap',
    feature: 'devmap program',
    mapType: MapType.Devmap,
    attachType: AttachType.XdpDevmap,
    attach: (t, program, map, { near: { netns, interface: name } }) =>
      attachDevmap(t.attachContext, program, { map, key: 0, interface: name, netns }),
  },
  {
    family: 'cpumap',
    feature: 'cpumap program',
    mapType: MapType.Cpumap,
    attachType: AttachType.XdpCpumap,
    attach: (t, program, map) => attachCpumap(t.attachContext, program, { map, cpu: 0, queueSize: 64 }),
  },
]

/** Programs of entries of the maps that packets are redirected by. */
export const redirectMapScenarios: readonly Scenario[] = cases.map(redirect)
