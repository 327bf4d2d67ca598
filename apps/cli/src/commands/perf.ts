import { type CommandGroup, defineCommand } from '@bpf/terminal'
import { listOptions } from '../objects/options'

const list = defineCommand({
  name: 'list',
  aliases: ['show'],
  summary: 'the tracepoints, kprobes and uprobes that processes hold with a descriptor, and their programs',
  operands: '',
  maxOperands: 0,
  options: listOptions,
  examples: ['bpf perf list', 'bpf perf list --json | jq \'.[] | select(.point.kind == "uprobe")\''],
  run: async invocation => {
    const { runPerfList } = await import('../perf/list')
    return runPerfList(invocation)
  },
})

/** Programs on perf events. */
export const perf: CommandGroup = {
  name: 'perf',
  summary: 'programs on tracepoints, kprobes and uprobes, by the process that holds them',
  commands: [list],
  fallback: 'list',
}
