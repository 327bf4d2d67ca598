import { defineCommand } from '@bpf/terminal'
import { behindObject } from '../complete'
import { targetOptions } from '../object-options'

/** The code of an object, for reading. */
export const disasm = defineCommand({
  name: 'disasm',
  summary: 'disassemble the functions of an object, with source lines and what instructions refer to',
  operands: '[OBJ [PROG]]',
  maxOperands: 2,
  complete: behindObject('functions'),
  options: {
    linked: { type: 'boolean', description: 'whole programs as the kernel gets them: linked, relocated, with CO-RE applied' },
    opcodes: { type: 'boolean', description: 'the bytes of each instruction, too' },
    cfg: { type: 'boolean', description: "the control-flow graph in Graphviz' language instead" },
    svg: { type: 'boolean', description: 'the control-flow graph as an SVG picture instead' },
    ...targetOptions,
    json: { type: 'boolean', description: 'print one JSON document' },
  },
  examples: [
    'bpf disasm obj.o                          every function as compiled',
    'bpf disasm obj.o on_exec --linked         a program as the kernel gets it',
    'bpf disasm obj.o on_exec --svg > on_exec.svg',
    'bpf disasm obj.o on_exec --cfg | dot -Tpng > on_exec.png',
  ],
  run: async invocation => {
    const { runDisasm } = await import('../disasm/run')
    return runDisasm(invocation)
  },
})
