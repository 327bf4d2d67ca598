import { readdirSync, writeFileSync } from 'node:fs'
import { type AttachableProgram, attachXdp, queryXdp } from '@bpf/attach'
import { inet, TestSocket } from '@bpf/attach/testing'
import { AttachType, interfaceIndex, ProgFlag, ProgType, progLoad } from '@bpf/sys'
import type { Scenario, ScenarioContext, TestNetwork } from '../scenario/types'
import { counting, prepared } from './every-hook'

const pass = 2
const name = 'count'
const xdp = { type: ProgType.Xdp, expectedAttachType: AttachType.Xdp, returns: pass, name } as const

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

/** A device that takes programs, as hardware would, and does nothing with them. */
const device = prepared(t => {
  const bus = '/sys/bus/netdevsim'
  const id = 71
  writeFileSync(`${bus}/new_device`, `${id} 1`)
  t.defer(() => writeFileSync(`${bus}/del_device`, String(id)))
  const [interfaceName = ''] = readdirSync(`${bus}/devices/netdevsim${id}/net`)
  return { name: interfaceName, ifindex: interfaceIndex(t.attachContext.sys, interfaceName) }
})

const offload: Scenario = {
  name: 'xdp, offloaded',
  family: 'xdp',
  requires: { features: ['xdp'], modules: ['netdevsim'] },
  prepare: device.prepare,
  check(t) {
    const { name: interfaceName, ifindex } = device.of(t)
    const target = { interface: interfaceName, mode: 'offload' } as const
    const program = offloaded(t, ifindex)
    const state = () =>
      queryXdp(t.attachContext, target)
        .map(({ mode, programName }) => `${mode} ${programName}`)
        .join()
    for (const via of ['bpf link', 'netlink'] as const) {
      const link = attachXdp(t.attachContext, program, { ...target, interfaces: [via] })
      if (state() !== `offload ${name}`) throw new Error(`by ${via}, the query says ${state() || 'nothing'}`)
      link.close()
      if (state() !== '') throw new Error(`by ${via}, still there: ${state()}`)
    }
    expectRefusal(() => attachXdp(t.attachContext, counting(t, xdp), target))
  },
}

/** `return XDP_PASS`: the device would need maps of its own to count. */
const passing = Uint8Array.of(0xb7, 0, 0, 0, pass, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0)

function offloaded(t: ScenarioContext, ifindex: number): AttachableProgram {
  const { fd } = progLoad(t.attachContext.sys, { type: ProgType.Xdp, insns: passing, license: 'GPL', name, ifindex })
  t.defer(() => fd.close())
  return { name, fd: fd.fd, section: '', type: ProgType.Xdp, expectedAttachType: 0, attachTarget: undefined }
}

function expectRefusal(attach: () => unknown): void {
  try {
    attach()
  } catch {
    return
  }
  throw new Error('a program that was not loaded for the device was attached to it')
}

export const xdpModeScenarios: readonly Scenario[] = [multiBuffer, offload]
