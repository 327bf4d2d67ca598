import { type CommandGroup, defineCommand } from '@bpf/terminal'
import { behindKeyword, behindWord, files, selected } from '../complete'
import { listOptions } from '../objects/options'

const list = defineCommand({
  name: 'list',
  aliases: ['show'],
  summary: 'the types in the kernel: its own, of modules, of what was loaded; and who uses them',
  operands: '[id N]',
  maxOperands: 2,
  complete: selected('btf'),
  options: listOptions,
  examples: ['bpf btf list', 'bpf btf show id 7'],
  run: async invocation => (await import('../btf/list')).runBtfList(invocation),
})

const dump = defineCommand({
  name: 'dump',
  summary: 'types as text, as a C header or as JSON; of the kernel, of a program or map in it, or of a file on any system',
  operands: 'id N | prog SELECTOR | map SELECTOR [key|value|kv|all] | file FILE [format FORMAT] [root_id ID]',
  maxOperands: 16,
  complete: behindWord({ id: behindKeyword('btf', 'id'), prog: selected('prog'), map: selected('map'), file: files }),
  options: {
    format: { type: 'string', value: 'FORMAT', choices: ['raw', 'c', 'json'], description: 'raw unless given' },
    base: { type: 'string', short: 'B', value: 'FILE', description: 'BTF that the file continues: /sys/kernel/btf/vmlinux for a module' },
    type: { type: 'string', multiple: true, value: 'NAME|ID', description: 'only this type, and in C what it needs' },
    'root-id': { type: 'string', multiple: true, value: 'ID', description: "the same by id, in bpftool's words" },
    output: { type: 'string', short: 'o', value: 'FILE', description: 'where to write; stdout unless given' },
    json: { type: 'boolean', description: 'the same as --format json' },
    'bpftool-json': { type: 'boolean', description: "print bpftool's own JSON, as bpftool -j btf dump does" },
  },
  examples: [
    'bpf btf dump file obj.o',
    'bpf btf dump file /sys/kernel/btf/vmlinux --format c --type task_struct',
    'bpf btf dump map name counts value --format c',
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
