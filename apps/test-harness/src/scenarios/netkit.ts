import { attachNetkit } from '@bpf/attach'
import { inet, TestSocket } from '@bpf/attach/testing'
import { inNetworkNamespace, interfaceIndex } from '@bpf/sys'
import type { Scenario, ScenarioContext } from '../scenario/types'
import { onHook, prepared } from './every-hook'

const kernelsNameForPeer = 'nk0'
const addresses = { primary: '10.11.13.2', peer: '10.11.14.2' } as const

/** Two devices in a namespace of their own; what one of them transmits, the programs of its side see. */
export interface NetkitPair {
  readonly netns: string
  /** Transmits a packet. */
  send(side: keyof typeof addresses): void
  /** Runs `action` in the namespace, with the index of the primary device. */
  inside(action: (ifindex: number) => void): void
}

/** Made without what old versions of `ip` do not know. */
export function netkitPair(t: ScenarioContext): NetkitPair {
  const { sys } = t.attachContext
  const name = `harness-netkit-${process.pid}`
  t.run('ip', 'netns', 'add', name)
  t.defer(() => void t.run('ip', 'netns', 'delete', name))
  const ip = (...args: string[]) => t.run('ip', '-n', name, ...args)
  ip('link', 'add', 'primary', 'type', 'netkit')
  for (const [index, device] of ['primary', kernelsNameForPeer].entries()) {
    ip('address', 'add', `10.11.${13 + index}.1/24`, 'dev', device)
    ip('link', 'set', device, 'up')
  }
  const netns = `/run/netns/${name}`
  return {
    netns,
    send(side) {
      const socket = inNetworkNamespace(sys, netns, () => TestSocket.udp(sys))
      socket.send('hello', inet(addresses[side], 4242))
      socket.close()
    },
    inside: action => inNetworkNamespace(sys, netns, () => action(interfaceIndex(sys, 'primary'))),
  }
}

const pair = prepared(netkitPair)

const netkit = (program: string, side: 'primary' | 'peer'): Scenario =>
  onHook(program, {
    name: `netkit, ${side}`,
    family: 'netkit',
    requires: { features: ['netkit'], commands: ['ip'] },
    prepare: pair.prepare,
    attach: t => attachNetkit(t.attachContext, t.program(program), { interface: 'primary', netns: pair.of(t).netns, side }),
    stimulate: t => pair.of(t).send(side),
  })

export const netkitScenarios: readonly Scenario[] = [netkit('on_netkit', 'primary'), netkit('on_netkit_peer', 'peer')]
