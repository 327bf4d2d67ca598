import { defineCommand } from '@bpf/terminal'

export const genVmlinux = defineCommand({
  name: 'vmlinux',
  summary: 'a C header with all types of a kernel: vmlinux.h',
  operands: '',
  maxOperands: 0,
  options: {
    btf: { type: 'string', value: 'FILE', description: 'raw BTF, or a vmlinux or module that has it; of this kernel unless given' },
    output: { type: 'string', short: 'o', value: 'FILE', description: 'write to this file instead of stdout' },
  },
  examples: ['bpf gen vmlinux -o vmlinux.h', 'bpf gen vmlinux --btf 5.10.btf | grep -A9 "struct task_struct {"'],
  run: async invocation => {
    const { runGenVmlinux } = await import('../../gen/vmlinux')
    return runGenVmlinux(invocation)
  },
})
