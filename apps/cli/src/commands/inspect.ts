import { defineCommand } from '@bpf/terminal'

/** What is in a file: a BPF object, or a binary that probes can be attached to. */
export const inspect = defineCommand({
  name: 'inspect',
  summary: 'show what is in an object and what it needs of a kernel; in other ELF files, where probes can go',
  operands: '[FILE]',
  maxOperands: 1,
  options: {
    relocations: { type: 'boolean', description: 'list every instruction that refers to something, and every CO-RE record' },
    functions: { type: 'boolean', description: 'ordinary ELF files: list the functions that uprobes can be attached to' },
    usdt: { type: 'boolean', description: 'ordinary ELF files: list the USDT probes' },
    match: { type: 'string', value: 'TEXT', description: 'list the functions, probes and relocations whose names contain this' },
    json: { type: 'boolean', description: 'print one JSON document' },
  },
  examples: [
    'bpf inspect obj.o                                programs, maps, variables, lowest kernel',
    "bpf inspect obj.o --json | jq '.requirements'",
    'bpf inspect /bin/bash --functions --match read   functions for uprobes',
    'bpf inspect /usr/lib/x86_64-linux-gnu/libc.so.6 --usdt',
  ],
  run: async invocation => {
    const { runInspect } = await import('../inspect/run')
    return runInspect(invocation)
  },
})
