import { type CommandGroup, defineCommand } from '@bpf/terminal'
import { behindObject, inObject, selected } from '../complete'
import { iterOptions } from '../iter/options'

const json = { type: 'boolean', description: 'print one JSON document, with the lines' } as const

const run = defineCommand({
  name: 'run',
  summary: 'loads an iterator, runs it over what it iterates and shows what it writes',
  operands: 'OBJ [PROG]',
  maxOperands: 2,
  complete: behindObject('programs'),
  options: { ...iterOptions, json },
  examples: [
    'bpf iter run tasks.o                           the only iterator in it',
    'bpf iter run tasks.o on_task --pid 42          of one process',
    'bpf iter run elements.o --map counts           over a map of the object; also id 7, /sys/fs/bpf/counts',
    'bpf iter run cgroups.o --cgroup /sys/fs/cgroup/web --order post',
  ],
  run: async invocation => (await import('../iter/run')).runIter(invocation),
})

const read = defineCommand({
  name: 'read',
  summary: 'runs an iterator that is attached already and shows what it writes',
  operands: 'SELECTOR',
  maxOperands: 2,
  complete: selected('link'),
  options: { json },
  examples: ['bpf iter read /sys/fs/bpf/tasks', 'bpf iter read id 3 --json | jq -r ".lines[]"'],
  run: async invocation => (await import('../iter/run')).runIterRead(invocation),
})

const pin = defineCommand({
  name: 'pin',
  summary: 'makes a file on a bpf file system that runs an iterator whenever it is read',
  operands: 'OBJ PATH [map MAP]',
  maxOperands: 5,
  options: {
    program: { type: 'string', value: 'PROG', complete: inObject('programs'), description: 'which iterator; the only one unless given' },
    ...iterOptions,
  },
  examples: ['bpf iter pin tasks.o /sys/fs/bpf/tasks', 'bpf iter pin elements.o /sys/fs/bpf/elements map id 7'],
  run: async invocation => (await import('../iter/pin')).runIterPin(invocation),
})

/** Iterators over what is in the kernel. */
export const iter: CommandGroup = {
  name: 'iter',
  summary: 'iterators: run one, read one that is attached, pin one as a file',
  commands: [run, read, pin],
  fallback: 'run',
}
