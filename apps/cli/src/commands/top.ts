import { defineCommand } from '@bpf/terminal'
import { sortKeys } from '../top/sort-keys'

/** What programs cost, live. */
export const top = defineCommand({
  name: 'top',
  summary: 'what programs cost, live: share of a CPU, runs a second, time a run, with a short history',
  operands: '',
  maxOperands: 0,
  options: {
    sort: { type: 'string', value: 'COLUMN', choices: sortKeys, description: 'largest first; cpu unless given' },
    filter: { type: 'string', value: 'TEXT', description: 'only programs whose name or type contains this' },
    interval: { type: 'string', value: 'DURATION', description: 'time between looks; 1s unless given' },
    count: { type: 'string', short: 'n', value: 'N', description: 'stop after N looks' },
    all: { type: 'boolean', description: 'programs that did not run since the last look, too' },
    json: { type: 'boolean', description: 'JSON lines, a document a look; the default when stdout is not a terminal' },
  },
  examples: ['bpf top', 'bpf top --sort runs --filter xdp', 'bpf top --json --count 1 --interval 5s | jq .programs'],
  run: async invocation => (await import('../top/run')).runTop(invocation),
})
