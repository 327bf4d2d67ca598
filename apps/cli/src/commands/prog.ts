import { type CommandGroup, defineCommand } from '@bpf/terminal'
import { listOptions } from '../objects/options'

const list = defineCommand({
  name: 'list',
  aliases: ['show'],
  summary: 'the loaded programs, or all about one: type, size, maps, who holds it, where it is pinned',
  operands: '[SELECTOR]',
  maxOperands: 2,
  options: listOptions,
  examples: [
    'bpf prog list                      all',
    'bpf prog show id 12                all about one; also name X, tag T, pinned PATH, or just the word',
    'bpf prog list --json | jq ".[].name"',
  ],
  run: async invocation => {
    const { runProgList } = await import('../prog/list')
    return runProgList(invocation)
  },
})

const dump = defineCommand({
  name: 'dump',
  summary: 'the code of a program as the kernel runs it, with source lines, names of helpers and maps; or its native code',
  operands: '[xlated|jited] SELECTOR',
  maxOperands: 3,
  options: {
    opcodes: { type: 'boolean', description: 'show the bytes of each instruction too' },
    cfg: { type: 'boolean', description: 'print the control-flow graph in the DOT language' },
    svg: { type: 'boolean', description: 'print the control-flow graph as an SVG picture' },
    json: { type: 'boolean', description: 'print one JSON document' },
  },
  examples: ['bpf prog dump name on_exec', 'bpf prog dump jited id 12', 'bpf prog dump id 12 --svg > program.svg'],
  run: async invocation => (await import('../prog/dump')).runProgDump(invocation),
})

const run = defineCommand({
  name: 'run',
  summary: 'run a program once, or many times, on a packet or a context of yours, and show what comes of it',
  operands: 'SELECTOR',
  maxOperands: 2,
  options: {
    data: { type: 'string', value: 'HEX|@FILE', description: 'the packet: 0a0b0c…, or a file; 64 zero bytes unless given' },
    ctx: { type: 'string', value: 'HEX|@FILE', description: 'the context: __sk_buff, xdp_md, arguments of a raw tracepoint' },
    repeat: { type: 'string', value: 'N', description: 'run N times and tell the average time' },
    'data-out': { type: 'string', value: 'FILE', description: 'write the packet afterwards to a file' },
    'ctx-out': { type: 'string', value: 'FILE', description: 'write the context afterwards to a file' },
    json: { type: 'boolean', description: 'print one JSON document' },
  },
  examples: ['bpf prog run name xdp_drop --data @packet.bin', 'bpf prog run id 12 --repeat 1000000'],
  run: async invocation => (await import('../prog/run')).runProgRun(invocation),
})

const pin = defineCommand({
  name: 'pin',
  summary: 'gives a program a path, by which it stays',
  operands: 'SELECTOR PATH',
  maxOperands: 3,
  options: {},
  examples: ['bpf prog pin id 12 /sys/fs/bpf/mine'],
  run: async invocation => (await import('../objects/pin')).runPin('prog', invocation),
})

/** Programs in the kernel. */
export const prog: CommandGroup = {
  name: 'prog',
  summary: 'programs in the kernel: list, dump, run, pin',
  commands: [list, dump, run, pin],
  fallback: 'list',
}
