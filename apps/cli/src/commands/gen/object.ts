import { defineCommand } from '@bpf/terminal'

export const genObject = defineCommand({
  name: 'object',
  summary: 'link several objects into one: what one declares and another defines becomes one',
  operands: '-o FILE OBJ…',
  maxOperands: Number.POSITIVE_INFINITY,
  options: { output: { type: 'string', short: 'o', value: 'FILE', description: 'the object to write' } },
  examples: ['bpf gen object -o all.o main.o library.o'],
  run: async invocation => {
    const { runGenObject } = await import('../../gen/object')
    return runGenObject(invocation)
  },
})
