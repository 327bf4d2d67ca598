import { type CommandGroup, defineCommand } from '@bpf/terminal'
import { selected } from '../complete'
import { listOptions } from '../objects/options'

const list = defineCommand({
  name: 'list',
  aliases: ['show'],
  summary: 'what is attached by links, or all about one: program, place, who holds it',
  operands: '[SELECTOR]',
  maxOperands: 2,
  complete: selected('link'),
  options: listOptions,
  examples: ['bpf link list', 'bpf link show id 3'],
  run: async invocation => (await import('../link/list')).runLinkList(invocation),
})

const pin = defineCommand({
  name: 'pin',
  summary: 'gives a link a path, by which it stays attached',
  operands: 'SELECTOR PATH',
  maxOperands: 3,
  complete: selected('link'),
  options: {},
  examples: ['bpf link pin id 3 /sys/fs/bpf/mine'],
  run: async invocation => (await import('../objects/pin')).runPin('link', invocation),
})

const detach = defineCommand({
  name: 'detach',
  summary: 'detaches a link, whoever holds it',
  operands: 'SELECTOR',
  maxOperands: 2,
  complete: selected('link'),
  options: {},
  examples: ['bpf link detach id 3', 'bpf link detach pinned /sys/fs/bpf/mine'],
  run: async invocation => (await import('../link/detach')).runLinkDetach(invocation),
})

/** Links in the kernel. */
export const link: CommandGroup = {
  name: 'link',
  summary: 'links in the kernel: list, pin, detach',
  commands: [list, pin, detach],
  fallback: 'list',
}
