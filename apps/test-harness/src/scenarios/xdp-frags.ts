import { attachXdp } from '@bpf/attach'
import { inet, TestSocket } from '@bpf/attach/testing'
import { AttachType, ProgFlag, ProgType } from '@bpf/sys'
import type { Scenario, ScenarioContext, TestNetwork } from '../scenario/types'
import { counting, prepared } from './every-hook'

const pass = 2
const xdp = { type: ProgType.Xdp, expectedAttachType: AttachType.Xdp, returns: pass } as const

const cable = prepared(t => t.network())
const jumbo = '9000'
/** Larger than a page, and than what a driver hands over in one piece. */
const large = 'x'.repeat(6000)
const fragmented = prepared(t => counting(t, { ...xdp, flags: ProgFlag.XdpHasFrags }))

/** Packets of several fragments: programs that do not say that they take them are refused. */
const multiBuffer: Scenario = {
  name: 'xdp, packets of several buffers',
  family: 'xdp',
  requires: { features: ['xdp frags'], modules: ['veth'], commands: ['ip'] },
  prepare(t) {
    cable.prepare(t)
    fragmented.prepare(t)
    const { near, far } = cable.of(t)
    for (const end of [near, far]) t.run('ip', '-n', end.netns.slice('/run/netns/'.length), 'link', 'set', end.interface, 'mtu', jumbo)
    refuseSingle(t, cable.of(t))
  },
  attach: t => attachXdp(t.attachContext, fragmented.of(t), { ...nearOf(cable.of(t)), mode: 'native' }),
  stimulate: t => sendLarge(t, cable.of(t)),
  effect: t => fragmented.of(t).count(),
}

const nearOf = ({ near: { netns, interface: device } }: TestNetwork) => ({ netns, interface: device })

function refuseSingle(t: ScenarioContext, network: TestNetwork): void {
  const single = counting(t, xdp)
  let refusal = ''
  try {
    attachXdp(t.attachContext, single, { ...nearOf(network), mode: 'native' }).close()
  } catch (error) {
    refusal = String(error)
  }
  if (!/MTU/i.test(refusal)) throw new Error(`a program that takes no fragments was not refused for the MTU: ${refusal}`)
}

function sendLarge(t: ScenarioContext, { near, far }: TestNetwork): void {
  const { sys } = t.attachContext
  const receiver = near.inside(() => TestSocket.udp(sys))
  const sender = far.inside(() => TestSocket.udp(sys))
  try {
    receiver.bind(inet(near.address, 4242))
    sender.send(large, inet(near.address, 4242))
    if (receiver.receive() === undefined) throw new Error('the packet did not come through')
  } finally {
    for (const socket of [receiver, sender]) socket.close()
  }
}

export const xdpFragsScenarios: readonly Scenario[] = [multiBuffer]
