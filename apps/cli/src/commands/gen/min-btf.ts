import { defineCommand } from '@bpf/terminal'

export const genMinBtf = defineCommand({
  name: 'min-btf',
  summary: "a kernel's BTF with no more than the relocations of objects need, for kernels that have none",
  operands: 'OBJ…',
  maxOperands: Number.POSITIVE_INFINITY,
  options: {
    btf: {
      type: 'string',
      multiple: true,
      value: 'FILE',
      description: "a kernel's BTF, raw or in an ELF file; several with a directory as output; this kernel's unless given",
    },
    output: { type: 'string', short: 'o', value: 'FILE|DIR', description: 'where to write; in a directory, under the name of the BTF' },
  },
  examples: [
    'bpf gen min-btf --btf 5.4.0-91.btf -o small.btf obj.o',
    'bpf gen min-btf --btf 4.19.btf --btf 5.4.btf -o btfs/ one.o two.o',
    'bpf explain obj.o --btf small.btf                          does it still work out?',
  ],
  run: async invocation => {
    const { runGenMinBtf } = await import('../../gen/min-btf')
    return runGenMinBtf(invocation)
  },
})
