import type { OptionSpecs } from '@bpf/terminal'
import { objectOptions } from '../object-options'

/** What an iterator goes over, where its section does not say it all, and what is changed about the object first. */
export const iterOptions = {
  map: {
    type: 'string',
    value: 'MAP',
    description: 'over the elements of this map: one of the object by name, or any by id, path or name',
  },
  cgroup: { type: 'string', value: 'PATH', description: 'over this cgroup and those below it' },
  order: {
    type: 'string',
    value: 'ORDER',
    choices: ['self', 'pre', 'post', 'up', 'children'],
    description: 'with --cgroup: it alone, those below before or after it, those above, or its children; pre unless given',
  },
  pid: { type: 'string', value: 'PID', description: 'over the threads of this process' },
  tid: { type: 'string', value: 'TID', description: 'over this thread' },
  set: objectOptions.set,
  btf: objectOptions.btf,
} as const satisfies OptionSpecs
