import { type CommandGroup, defineCommand } from '@bpf/terminal'
import { listOptions } from '../objects/options'

const effective = { type: 'boolean', description: 'also what a cgroup inherits from those above' } as const

const list = defineCommand({
  name: 'list',
  aliases: ['show'],
  summary: 'the programs of one cgroup',
  operands: 'CGROUP [effective]',
  maxOperands: 2,
  options: { effective, ...listOptions },
  examples: ['bpf cgroup show /sys/fs/cgroup/web', 'bpf cgroup show web effective      relative to where cgroup2 is mounted'],
  run: async invocation => {
    const { runCgroupList } = await import('../cgroup/list')
    return runCgroupList(invocation)
  },
})

const tree = defineCommand({
  name: 'tree',
  summary: 'the programs of a cgroup and of all below it',
  operands: '[CGROUP] [effective]',
  maxOperands: 2,
  options: { effective, ...listOptions },
  examples: ['bpf cgroup tree', 'bpf cgroup tree /sys/fs/cgroup/system.slice --json'],
  run: async invocation => {
    const { runCgroupTree } = await import('../cgroup/list')
    return runCgroupTree(invocation)
  },
})

const attach = defineCommand({
  name: 'attach',
  summary: 'attach a loaded program to a cgroup, until it is detached',
  operands: 'CGROUP ATTACH_TYPE PROG [multi|override]',
  maxOperands: 5,
  options: {},
  examples: [
    'bpf cgroup attach web cgroup_inet_egress id 12 multi      others may be beside it',
    'bpf cgroup attach web connect4 name only_dns              the attach type as bpf.h, or as section names have it',
  ],
  run: async invocation => {
    const { runCgroupAttach } = await import('../cgroup/change')
    return runCgroupAttach(invocation)
  },
})

const detach = defineCommand({
  name: 'detach',
  summary: 'detach a program that was attached to a cgroup without a link',
  operands: 'CGROUP ATTACH_TYPE PROG',
  maxOperands: 4,
  options: {},
  examples: ['bpf cgroup detach web cgroup_inet_egress id 12'],
  run: async invocation => {
    const { runCgroupDetach } = await import('../cgroup/change')
    return runCgroupDetach(invocation)
  },
})

/** Programs of cgroups. */
export const cgroup: CommandGroup = {
  name: 'cgroup',
  summary: 'programs of cgroups: list, tree, attach, detach',
  commands: [list, tree, attach, detach],
  fallback: 'tree',
}
