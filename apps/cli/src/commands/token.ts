import { type CommandGroup, defineCommand } from '@bpf/terminal'
import { listOptions } from '../objects/options'

const list = defineCommand({
  name: 'list',
  aliases: ['show'],
  summary: 'the bpf file systems that delegate rights, and which: what a token of each allows (Linux 6.9)',
  operands: '',
  maxOperands: 0,
  options: listOptions,
  examples: ['bpf token list', 'bpf token list --json | jq ".[].commands"'],
  run: async invocation => (await import('../token/list')).runTokenList(invocation),
})

/** Rights that are delegated by tokens. */
export const token: CommandGroup = {
  name: 'token',
  summary: 'rights delegated by bpf file systems: list',
  commands: [list],
  fallback: 'list',
}
