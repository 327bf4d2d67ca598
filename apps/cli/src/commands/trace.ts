import { defineCommand } from '@bpf/terminal'
import { selected } from '../complete'
import { traceOptions } from '../trace/options'

/** What programs print. */
export const trace = defineCommand({
  name: 'trace',
  summary: 'show what programs print: the trace pipe (bpf_printk), or the streams of one program',
  operands: '[stdout|stderr] [PROG]',
  maxOperands: 3,
  complete: selected('prog', 'stdout', 'stderr'),
  options: traceOptions,
  examples: [
    'bpf trace                    the trace pipe, until Ctrl-C; a line is read by one reader only',
    'bpf trace id 12              the streams of program 12: stdout, and stderr in red (Linux 6.17)',
    'bpf trace stderr --program on_packet --json',
  ],
  run: async invocation => {
    const { runTrace } = await import('../trace/run')
    return runTrace(invocation)
  },
})
