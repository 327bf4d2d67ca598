import { defineCommand, UsageError } from '@bpf/terminal'
import { chosenKernels, kernelOptions } from './kernel-options'

/** Verification statistics, as the kernel's own veristat gives them. */
export const veristat = defineCommand({
  name: 'veristat',
  summary: 'what verifying each program takes: instructions, states, stack, time; compared with a baseline',
  operands: 'OBJ…',
  maxOperands: Number.POSITIVE_INFINITY,
  options: {
    ...kernelOptions,
    sort: {
      type: 'string',
      value: 'KEYS',
      description: 'columns to sort by, numbers the largest first, with + the smallest: insns,program',
    },
    filter: {
      type: 'string',
      multiple: true,
      value: 'CONDITION',
      description: 'only programs with insns>1000, verdict=failure, program=xdp_*',
    },
    baseline: { type: 'string', value: 'FILE', description: 'compare with what --json printed before; exit 1 on a regression' },
    'max-growth': {
      type: 'string',
      multiple: true,
      value: 'KEY=PERCENT',
      description: 'what is no regression yet; insns=10 and states=10 unless given',
    },
    json: { type: 'boolean', description: 'print the statistics as JSON: a baseline' },
  },
  examples: [
    'bpf-test veristat *.o --sort insns',
    'bpf-test veristat my.o -k 5.10 -k newest',
    'bpf-test veristat *.o --json > baseline.json',
    'bpf-test veristat *.o --baseline baseline.json --max-growth insns=5',
  ],
  run: async ({ positionals, options, io }) => {
    if (positionals.length === 0) throw new UsageError('veristat: which objects?')
    const { runVeristat } = await import('../statistics/run')
    return runVeristat(positionals, await chosenKernels(options, io), options, io)
  },
})
