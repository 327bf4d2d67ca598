import { defineCommand } from '@bpf/terminal'
import { objectOptions } from '../object-options'

/** Loads an object without attaching it: does this kernel take it, and what becomes of it there? */
export const load = defineCommand({
  name: 'load',
  summary: 'load an object without attaching it, and show its maps and programs',
  operands: '[OBJ]',
  maxOperands: 1,
  options: {
    ...objectOptions,
    'keep-going': { type: 'boolean', description: 'try every program, though others are refused' },
    json: { type: 'boolean', description: 'print one JSON document' },
  },
  examples: [
    'bpf load obj.o                              does this kernel take it? nothing stays loaded',
    'bpf load obj.o --keep-going                 which of its programs does it take?',
    'bpf load obj.o --pin /sys/fs/bpf/mine       stays loaded: mine/maps/NAME, mine/programs/NAME',
    'bpf load obj.o --map events=max_entries:1024 --only on_exec',
    'bpf load obj.o --dry-run                    the plan only; needs no privilege',
  ],
  run: async invocation => {
    const { runLoad } = await import('../load/run')
    return runLoad(invocation)
  },
})
