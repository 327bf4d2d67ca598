import { defineCommand, UsageError } from '@bpf/terminal'

/** The offline answer: no kernel is booted, nothing is loaded, no privilege is needed. */
export const compat = defineCommand({
  name: 'compat',
  summary: 'say from BTF files alone on which kernels the programs of an object would fail, and why',
  operands: 'OBJ',
  maxOperands: 1,
  options: {
    btf: {
      type: 'string',
      value: 'DIR',
      description: 'BTF of the kernels, a file each, named by version: 5.10.btf, 6.1.0-18-amd64.btf; a BTFhub archive works',
    },
    json: { type: 'boolean', description: 'print the answer as JSON' },
  },
  examples: ['bpf-test compat obj.o --btf ./btf', 'bpf-test compat obj.o --btf /sys/kernel/btf/vmlinux'],
  run: async ({ positionals: [path], options: { btf, json }, io }) => {
    if (path === undefined) throw new UsageError('compat: which object?')
    if (btf === undefined) throw new UsageError('compat: against which BTF?', '--btf DIR, a directory with BTF of each kernel')
    const { runCompat } = await import('../compat/run')
    return runCompat(path, { btf, json }, io)
  },
})
