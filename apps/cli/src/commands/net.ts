import { type CommandGroup, defineCommand } from '@bpf/terminal'
import { listOptions } from '../objects/options'

const netns = { type: 'string', value: 'PATH', description: 'in this network namespace: /run/netns/blue, /proc/42/ns/net' } as const

const list = defineCommand({
  name: 'list',
  aliases: ['show'],
  summary: 'the programs on network interfaces and of the network namespace: XDP, tc, tcx, netkit, netfilter, flow dissector',
  operands: '[dev NAME]',
  maxOperands: 2,
  options: { netns, ...listOptions },
  examples: ['bpf net list', 'bpf net list dev eth0', 'bpf net list --netns /run/netns/blue --json'],
  run: async invocation => {
    const { runNetList } = await import('../net/list')
    return runNetList(invocation)
  },
})

const attach = defineCommand({
  name: 'attach',
  summary: 'attach a loaded program to an interface, until it is detached',
  operands: 'HOOK PROG dev NAME',
  maxOperands: 6,
  options: {
    netns,
    overwrite: { type: 'boolean', description: 'take the place of another XDP program' },
  },
  examples: [
    'bpf net attach xdp id 12 dev eth0               HOOK: xdp, xdpgeneric, xdpdrv, xdpoffload, tcx_ingress, tcx_egress',
    'bpf net attach tcx_ingress pinned /sys/fs/bpf/mine/programs/count dev eth0',
  ],
  run: async invocation => {
    const { runNetAttach } = await import('../net/change')
    return runNetAttach(invocation)
  },
})

const detach = defineCommand({
  name: 'detach',
  summary: 'detach what was attached to an interface without a link',
  operands: 'HOOK [PROG] dev NAME',
  maxOperands: 5,
  options: { netns },
  examples: ['bpf net detach xdp dev eth0', 'bpf net detach tcx_ingress name count dev eth0'],
  run: async invocation => {
    const { runNetDetach } = await import('../net/change')
    return runNetDetach(invocation)
  },
})

/** Programs on the network. */
export const net: CommandGroup = {
  name: 'net',
  summary: 'programs on network interfaces: list, attach, detach',
  commands: [list, attach, detach],
  fallback: 'list',
}
