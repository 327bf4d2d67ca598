import { type CommandGroup, defineCommand } from '@bpf/terminal'
import { listOptions } from '../objects/options'

const list = defineCommand({
  name: 'list',
  aliases: ['show'],
  summary: 'the types in the kernel: its own, of modules, of what was loaded; and who uses them',
  operands: '[id N]',
  maxOperands: 2,
  options: listOptions,
  examples: ['bpf btf list', 'bpf btf show id 7'],
  run: async invocation => (await import('../btf/list')).runBtfList(invocation),
})

const dump = defineCommand({
  name: 'dump',
  summary: 'types as text, as a C header or as JSON; of the kernel, or of a file on any system',
  operands: 'id N | file FILE',
  maxOperands: 2,
  options: {
    format: { type: 'string', value: 'FORMAT', choices: ['raw', 'c', 'json'], description: 'raw unless given' },
    base: { type: 'string', short: 'B', value: 'FILE', description: 'BTF that the file continues: /sys/kernel/btf/vmlinux for a module' },
    type: { type: 'string', multiple: true, value: 'NAME|ID', description: 'only this type, and in C what it needs' },
    output: { type: 'string', short: 'o', value: 'FILE', description: 'where to write; stdout unless given' },
  },
  examples: [
    'bpf btf dump file obj.o',
    'bpf btf dump file /sys/kernel/btf/vmlinux --format c --type task_struct',
    'bpf btf dump id 7 --format json | jq ".[].name"',
  ],
  run: async invocation => (await import('../btf/dump')).runBtfDump(invocation),
})

/** BPF Type Format. */
export const btf: CommandGroup = {
  name: 'btf',
  summary: 'types: list what is in the kernel, dump',
  commands: [list, dump],
  fallback: 'list',
}
