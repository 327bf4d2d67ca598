import { defineCommand } from '@bpf/terminal'

/** Is this machine ready, and if not, what is to be done? */
export const doctor = defineCommand({
  name: 'doctor',
  summary: 'is this machine ready for BPF: rights, kernel, settings, mounts, leftovers, each with its remedy',
  operands: '',
  maxOperands: 0,
  options: {
    clean: { type: 'boolean', description: 'detach what processes of this toolkit left attached when they were killed' },
    json: { type: 'boolean', description: 'print one JSON document' },
  },
  examples: [
    'bpf doctor                    exit code 0: loading works; 4: it does not',
    'bpf doctor --clean            also take away what killed processes left behind',
    'bpf doctor --json | jq \'.checks[] | select(.status != "ok")\'',
  ],
  run: async invocation => {
    const { runDoctor } = await import('../doctor/run')
    return runDoctor(invocation)
  },
})
