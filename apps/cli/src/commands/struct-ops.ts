import { type CommandGroup, defineCommand } from '@bpf/terminal'
import { objectOptions } from '../object-options'
import { listOptions } from '../objects/options'

const json = { type: 'boolean', description: 'print one JSON document' } as const

const list = defineCommand({
  name: 'list',
  aliases: ['show'],
  summary: 'implementations of kernel interfaces, or all about one: which interface, whether it is registered, and how',
  operands: '[SELECTOR]',
  maxOperands: 2,
  options: listOptions,
  examples: ['bpf struct-ops list', 'bpf struct-ops show name bpf_cubic      also id N, pinned PATH, or just the word'],
  run: async invocation => (await import('../struct-ops/list')).runStructOpsList(invocation),
})

const dump = defineCommand({
  name: 'dump',
  summary: 'every member of the interface with its type, and the program or value that an implementation has there',
  operands: '[SELECTOR]',
  maxOperands: 2,
  options: listOptions,
  examples: ['bpf struct-ops dump', 'bpf struct-ops dump id 7 --json | jq ".[].members"'],
  run: async invocation => (await import('../struct-ops/dump')).runStructOpsDump(invocation),
})

const register = defineCommand({
  name: 'register',
  summary: 'loads an object and registers all that it implements; variables in .struct_ops.link by links, pinned in a directory',
  operands: 'OBJ [DIR]',
  maxOperands: 2,
  options: {
    btf: objectOptions.btf,
    pin: { type: 'string', value: 'DIR', description: 'where to pin links, by the names of the variables; the same as DIR' },
    json,
  },
  examples: [
    'bpf struct-ops register cubic.o                        variables in .struct_ops: until unregister',
    'bpf struct-ops register cubic.o /sys/fs/bpf/mine       .struct_ops.link, too: as long as the pins are there',
  ],
  run: async invocation => (await import('../struct-ops/register')).runStructOpsRegister(invocation),
})

const unregister = defineCommand({
  name: 'unregister',
  summary: 'takes an implementation back, whoever registered it; its links are detached and their pins removed',
  operands: 'SELECTOR',
  maxOperands: 2,
  options: { json },
  examples: ['bpf struct-ops unregister name bpf_cubic'],
  run: async invocation => (await import('../struct-ops/unregister')).runStructOpsUnregister(invocation),
})

/** Implementations of kernel interfaces: TCP congestion controls, schedulers. */
export const structOps: CommandGroup = {
  name: 'struct-ops',
  aliases: ['struct_ops'],
  summary: 'kernel interfaces implemented in BPF: list, dump, register, unregister',
  commands: [list, dump, register, unregister],
  fallback: 'list',
}
