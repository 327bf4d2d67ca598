import { defineCommand } from '@bpf/terminal'
import { inObject } from '../complete'
import { targetOptions } from '../object-options'

/** The whole load as a story, for people who want to know what happens and why. */
export const explain = defineCommand({
  name: 'explain',
  summary: 'tell step by step what loading an object does: no root, no kernel, any system',
  operands: '[OBJ]',
  maxOperands: 1,
  options: {
    ...targetOptions,
    only: { type: 'string', multiple: true, value: 'PROG', complete: inObject('programs'), description: 'explain only this program' },
    json: { type: 'boolean', description: 'print the steps as one JSON document' },
  },
  examples: [
    'bpf explain                                     the bundled example, execsnoop',
    'bpf explain obj.o --only on_exec                one program of it',
    'bpf explain obj.o --btf 5.10.btf --kernel 5.10  as it would go on another kernel',
    'bpf explain obj.o --json | jq \'.steps[] | select(.kind == "call")\'',
  ],
  run: async invocation => {
    const { runExplain } = await import('../explain/run')
    return runExplain(invocation)
  },
})
