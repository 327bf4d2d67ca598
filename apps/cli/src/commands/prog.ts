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

/** Programs in the kernel. */
export const prog: CommandGroup = {
  name: 'prog',
  summary: 'programs in the kernel: list, dump, run, pin',
  commands: [list],
  fallback: 'list',
}
