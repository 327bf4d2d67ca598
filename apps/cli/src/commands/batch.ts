import { defineCommand } from '@bpf/terminal'

/** Many commands in one process. */
export const batch = defineCommand({
  name: 'batch',
  summary: 'run commands from a file, or from stdin, one a line, until one fails',
  operands: 'FILE|-',
  maxOperands: 2,
  options: {
    'keep-going': { type: 'boolean', description: 'go on when a command fails' },
    json: { type: 'boolean', description: 'print one JSON document: each command with its exit code and the lines of its output' },
  },
  examples: [
    'bpf batch setup.txt                    # starts a comment, a backslash at the end goes on in the next line',
    'echo "map update counts key 7 value 1" | bpf batch -',
  ],
  run: async invocation => (await import('../batch/run')).runBatch(invocation),
})
