import { defineCommand } from '@bpf/terminal'

/** What bpftool calls it, with its order of operands: there is nothing to mistake for an object to be overwritten. */
export const genMinCoreBtf = defineCommand({
  name: 'min_core_btf',
  summary: "the same in bpftool's words",
  operands: 'BTF FILE OBJ…',
  maxOperands: Number.POSITIVE_INFINITY,
  options: {},
  examples: ['bpf gen min_core_btf 5.4.0-91.btf small.btf obj.o'],
  run: async ({ positionals: [btf, output, ...objects], io }) => {
    const { runGenMinBtf } = await import('../../gen/min-btf')
    return runGenMinBtf({ positionals: objects, options: { btf: btf === undefined ? [] : [btf], output }, io })
  },
})

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
