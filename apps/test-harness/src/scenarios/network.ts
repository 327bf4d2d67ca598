import {
  attachLwt,
  attachNetfilter,
  attachNetns,
  attachTc,
  attachTcAction,
  attachXdp,
  type Link,
  type LinkInterface,
  queryTc,
} from '@bpf/attach'
import { inet, inet6, TestSocket } from '@bpf/attach/testing'
import { ProgType, SocketFamily } from '@bpf/sys'
import type { FeatureName } from '../scenario/features'
import type { Requirements, Scenario, ScenarioContext, TestEnd, TestNetwork } from '../scenario/types'
import { counting, onHook, prepared } from './every-hook'

/** Programs sit at the near end of a cable; the far end sends. */
const cable = prepared(t => t.network())
const needs: Requirements = { modules: ['veth'], commands: ['ip'] }

interface NetworkCase {
  readonly name: string
  readonly family: string
  readonly features: readonly FeatureName[]
  readonly modules?: readonly string[]
  readonly attach: (t: ScenarioContext, network: TestNetwork) => Link
  readonly send?: (t: ScenarioContext, network: TestNetwork) => void
}

const received = (_: ScenarioContext, network: TestNetwork) => {
  if (!network.send(network.far, network.near)) throw new Error('the packet did not come through')
}

const onCable = (program: string, { name, family, features, modules = [], attach, send = received }: NetworkCase): Scenario =>
  onHook(program, {
    name,
    family,
    requires: { ...needs, features, modules: ['veth', ...modules] },
    prepare: cable.prepare,
    attach: t => attach(t, cable.of(t)),
    stimulate: t => send(t, cable.of(t)),
  })

const clsact = ['sch_ingress', 'cls_bpf']
const near = ({ near: { netns, interface: name } }: TestNetwork) => ({ netns, interface: name })
const by = (interfaces?: readonly LinkInterface[]) => (interfaces === undefined ? {} : { interfaces })

const xdp = (name: string, mode: 'native' | 'generic', features: readonly FeatureName[], interfaces?: readonly LinkInterface[]) =>
  onCable('on_xdp', {
    name,
    family: 'xdp',
    features,
    attach: (t, network) => attachXdp(t.attachContext, t.program('on_xdp'), { ...near(network), mode, ...by(interfaces) }),
  })

const tc = (name: string, program: string, features: readonly FeatureName[], interfaces?: readonly LinkInterface[]) =>
  onCable(program, {
    name,
    family: 'tc',
    features,
    modules: clsact,
    attach: (t, network) => attachTc(t.attachContext, t.program(program), { ...near(network), direction: 'ingress', ...by(interfaces) }),
  })

/** A packet for an address that neither end has. */
function sendElsewhere(t: ScenarioContext, from: TestEnd): void {
  const socket = from.inside(() => TestSocket.udp(t.attachContext.sys))
  socket.send('hello', inet('192.0.2.1', 4242))
  socket.close()
}

/** Of its namespace, as `ip` takes it. */
const nameOf = ({ netns }: TestEnd) => netns.slice('/run/netns/'.length)

/** Steering packets to processors by their hash makes the kernel look into them. */
function steer(t: ScenarioContext, { near }: TestNetwork): void {
  t.run('ip', 'netns', 'exec', nameOf(near), 'sh', '-c', `echo 3 > /sys/class/net/${near.interface}/queues/rx-0/rps_cpus`)
}

/** Local segment, where the near end is told to be, and how the far end gets packets there: by a header that names segments. */
const segment = '2001:db8::1'
const [nearV6, farV6] = ['2001:db8:1::1', '2001:db8:1::2']

const segmentProgram = prepared(t => counting(t, { type: ProgType.LwtSeg6local }))

function routeBySegments(t: ScenarioContext, { near, far }: TestNetwork): void {
  for (const [end, address] of [
    [near, nearV6],
    [far, farV6],
  ] as const) {
    const sysctl = (name: string) => t.run('ip', 'netns', 'exec', nameOf(end), 'sh', '-c', `echo 1 > /proc/sys/net/ipv6/conf/${name}`)
    for (const setting of ['all/forwarding', 'all/seg6_enabled', `${end.interface}/seg6_enabled`]) sysctl(setting)
    t.run('ip', '-n', nameOf(end), 'address', 'add', `${address}/64`, 'dev', end.interface, 'nodad')
  }
  const toFar = (...route: string[]) => t.run('ip', '-n', nameOf(far), '-6', 'route', 'add', ...route)
  toFar(`${segment}/128`, 'via', nearV6, 'dev', far.interface)
  // The program runs at a segment that is not the last.
  toFar('2001:db8:9::/64', 'encap', 'seg6', 'mode', 'encap', 'segs', `${segment},2001:db8:9::9`, 'dev', far.interface)
}

function sendBySegments(t: ScenarioContext, { far }: TestNetwork): void {
  const socket = far.inside(() => TestSocket.udp(t.attachContext.sys, SocketFamily.Inet6))
  socket.send('hello', inet6('2001:db8:9::1', 4242))
  socket.close()
}

const dissector = (name: string, features: readonly FeatureName[], interfaces?: readonly LinkInterface[]) =>
  onCable('on_flow_dissector', {
    name,
    family: 'flow_dissector',
    features: ['flow dissector', ...features],
    attach(t, network) {
      steer(t, network)
      return attachNetns(t.attachContext, t.program('on_flow_dissector'), { netns: network.near.netns, ...by(interfaces) })
    },
    send: (_, network) => void network.send(network.far, network.near),
  })

export const networkScenarios: readonly Scenario[] = [
  xdp('xdp, native', 'native', ['xdp']),
  xdp('xdp, generic', 'generic', ['xdp']),
  xdp('xdp by bpf link', 'native', ['xdp', 'xdp link'], ['bpf link']),
  xdp('xdp by netlink', 'native', ['xdp'], ['netlink']),
  tc('tc', 'on_tc', ['clsact']),
  tc('tc by netlink', 'on_tc', ['clsact'], ['netlink']),
  tc('tcx', 'on_tcx', ['tcx'], ['bpf link']),
  ...(['ingress', 'egress'] as const).map(direction =>
    onCable('on_action', {
      name: `tc action, ${direction}`,
      family: 'tc action',
      features: ['tc action'],
      modules: ['sch_ingress', 'cls_matchall', 'act_bpf'],
      attach: (t, network) => attachTcAction(t.attachContext, t.program('on_action'), { ...near(network), direction }),
      send: (_, network) =>
        void (direction === 'ingress' ? network.send(network.far, network.near) : network.send(network.near, network.far)),
    }),
  ),
  {
    name: 'tc action takes another program',
    family: 'tc action',
    object: 'every-hook.o',
    programs: ['on_action'],
    requires: { ...needs, features: ['tc action'], modules: ['veth', 'sch_ingress', 'cls_matchall', 'act_bpf'] },
    prepare: cable.prepare,
    attach(t) {
      const first = t.open('every-hook.o').only('on_action').load()
      t.defer(() => first.close())
      const link = attachTcAction(t.attachContext, first.program('on_action'), { ...near(cable.of(t)), direction: 'ingress' })
      link.update(t.program('on_action'))
      return link
    },
    stimulate: t => received(t, cable.of(t)),
    check(t) {
      const { filters } = queryTc(t.attachContext, { ...near(cable.of(t)), direction: 'ingress' })
      const seen = filters.map(({ kind, programName }) => `${kind} ${programName}`).join()
      if (seen !== 'matchall on_action') throw new Error(`the query says ${seen || 'nothing'}`)
    },
  },
  onCable('on_sk_lookup', {
    name: 'sk_lookup',
    family: 'sk_lookup',
    features: ['sk_lookup'],
    attach: (t, { near: { netns } }) => attachNetns(t.attachContext, t.program('on_sk_lookup'), { netns }),
  }),
  dissector('flow dissector', []),
  dissector('flow dissector by bpf link', ['netns link'], ['bpf link']),
  dissector('flow dissector by prog_attach', [], ['prog_attach']),
  onCable('on_netfilter', {
    name: 'netfilter',
    family: 'netfilter',
    features: ['netfilter'],
    attach: (t, { near: { netns } }) =>
      attachNetfilter(t.attachContext, t.program('on_netfilter'), { family: 'ipv4', hook: 'input', netns }),
  }),
  ...(['on_lwt_out', 'on_lwt_xmit'] as const).map(program =>
    onCable(program, {
      name: program.slice('on_'.length),
      family: 'lwt',
      features: ['lwt'],
      attach: (t, network) =>
        attachLwt(t.attachContext, t.program(program), { ...near(network), destination: '192.0.2.0/24', via: network.far.address }),
      send: (t, { near }) => sendElsewhere(t, near),
    }),
  ),
  onCable('on_lwt_in', {
    name: 'lwt_in',
    family: 'lwt',
    features: ['lwt'],
    attach: (t, network) => {
      const { near, far } = network
      t.run('ip', 'netns', 'exec', nameOf(near), 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward')
      t.run('ip', '-n', nameOf(far), 'route', 'add', '192.0.2.0/24', 'via', near.address)
      return attachLwt(t.attachContext, t.program('on_lwt_in'), {
        netns: near.netns,
        interface: near.interface,
        destination: '192.0.2.0/24',
        via: far.address,
      })
    },
    // The near end is the router on the way, which sends it back where it came from.
    send: (t, { far }) => sendElsewhere(t, far),
  }),
  {
    name: 'lwt_seg6local',
    family: 'lwt',
    requires: { ...needs, features: ['lwt of segment routing'] },
    prepare(t) {
      cable.prepare(t)
      segmentProgram.prepare(t)
      routeBySegments(t, cable.of(t))
    },
    attach: t => attachLwt(t.attachContext, segmentProgram.of(t), { ...near(cable.of(t)), destination: `${segment}/128` }),
    stimulate: t => sendBySegments(t, cable.of(t)),
    effect: t => segmentProgram.of(t).count(),
  },
]
