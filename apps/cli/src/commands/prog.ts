import { type CommandGroup, defineCommand } from '@bpf/terminal'
import { listOptions } from '../objects/options'

const list = defineCommand({
  name: 'list',
  aliases: ['show'],
  summary: 'the loaded programs, or all about one: type, size, maps, who holds it, where it is pinned',
  operands: '[SELECTOR]',
  maxOperands: 2,
  options: listOptions,
  examples: [
    'bpf prog list                      all',
    'bpf prog show id 12                all about one; also name X, tag T, pinned PATH, or just the word',
    'bpf prog list --json | jq ".[].name"',
  ],
  run: async invocation => {
    const { runProgList } = await import('../prog/list')
    return runProgList(invocation)
  },
})

const pin = defineCommand({
  name: 'pin',
  summary: 'gives a program a path, by which it stays',
  operands: 'SELECTOR PATH',
  maxOperands: 3,
  options: {},
  examples: ['bpf prog pin id 12 /sys/fs/bpf/mine'],
  run: async invocation => (await import('../objects/pin')).runPin('prog', invocation),
})

/** Programs in the kernel. */
export const prog: CommandGroup = {
  name: 'prog',
  summary: 'programs in the kernel: list, pin',
  commands: [list, pin],
  fallback: 'list',
}
