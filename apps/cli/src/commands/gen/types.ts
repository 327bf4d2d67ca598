import { defineCommand } from '@bpf/terminal'
import { recordTypeOption } from '../../object-options'

export const genTypes = defineCommand({
  name: 'types',
  aliases: ['skeleton'],
  summary: 'a TypeScript module for an object: its maps, variables, events and programs, typed',
  operands: '[OBJ]',
  maxOperands: 1,
  options: {
    output: { type: 'string', short: 'o', value: 'FILE', description: 'write to this file instead of stdout' },
    ...recordTypeOption,
    beside: { type: 'boolean', description: 'leave the object in its own file, to be shipped with the module; it is embedded otherwise' },
  },
  examples: [
    'bpf gen types execsnoop.o -o src/execsnoop.ts            then: import { open } from "./execsnoop"',
    'bpf gen types dist/execsnoop.o --beside -o dist/execsnoop.ts',
    'bpf gen types old.o --type events=event -o src/old.ts     its events typed, though the map declares no type',
  ],
  run: async invocation => {
    const { runGenTypes } = await import('../../gen/types')
    return runGenTypes(invocation)
  },
})
