import { defineCommand } from '@bpf/terminal'

/** What programs print. */
export const trace = defineCommand({
  name: 'trace',
  summary: 'show what programs print: the trace pipe (bpf_printk), or the streams of one program',
  operands: '[PROG]',
  maxOperands: 2,
  options: {
    for: { type: 'string', value: 'DURATION', description: 'stop by itself after this time: 500ms, 10s, 2m' },
    json: { type: 'boolean', description: 'print JSON lines' },
  },
  examples: [
    'bpf trace                    the trace pipe, until Ctrl-C; a line is read by one reader only',
    'bpf trace id 12              the streams of program 12: stdout, and stderr in red (Linux 6.17)',
  ],
  run: async invocation => {
    const { runTrace } = await import('../trace/run')
    return runTrace(invocation)
  },
})
