import { type CommandGroup, defineCommand } from '@bpf/terminal'
import { inObject, selected } from '../complete'
import { objectOptions } from '../object-options'
import { listOptions } from '../objects/options'
import { traceOptions } from '../trace/options'

const list = defineCommand({
  name: 'list',
  aliases: ['show'],
  summary: 'the loaded programs, or all about one: type, size, maps, who holds it, where it is pinned',
  operands: '[SELECTOR]',
  maxOperands: 2,
  complete: selected('prog'),
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
  operands: '[xlated|jited] SELECTOR [opcodes|linum|visual|file FILE]',
  maxOperands: 8,
  complete: selected('prog', 'xlated', 'jited'),
  options: {
    opcodes: { type: 'boolean', description: 'show the bytes of each instruction too' },
    linum: { type: 'boolean', description: 'show file, line and column of each source line too' },
    cfg: { type: 'boolean', description: 'print the control-flow graph in the DOT language' },
    visual: { type: 'boolean', description: "the same, by bpftool's name" },
    svg: { type: 'boolean', description: 'print the control-flow graph as an SVG picture' },
    file: { type: 'string', value: 'FILE', description: 'write the bytes as they are: the instructions, or the native code' },
    json: { type: 'boolean', description: 'print one JSON document' },
    'bpftool-json': { type: 'boolean', description: "print bpftool's own JSON, as bpftool -j prog dump xlated does" },
  },
  examples: [
    'bpf prog dump name on_exec --linum',
    'bpf prog dump jited id 12 --file native.bin',
    'bpf prog dump id 12 --cfg | dot -Tpng > program.png          or --svg > program.svg',
  ],
  run: async invocation => (await import('../prog/dump')).runProgDump(invocation),
})

const run = defineCommand({
  name: 'run',
  summary: 'run a program once, or many times, on a packet or a context of yours, and show what comes of it',
  operands: 'SELECTOR',
  maxOperands: 16,
  complete: selected('prog'),
  options: {
    data: { type: 'string', value: 'HEX|@FILE', description: 'the packet: 0a0b0c…, or a file (@- is stdin); 64 zero bytes unless given' },
    ctx: { type: 'string', value: 'HEX|@FILE', description: 'the context: __sk_buff, xdp_md, arguments of a raw tracepoint' },
    repeat: { type: 'string', value: 'N', description: 'run N times and tell the average time' },
    'data-out': { type: 'string', value: 'FILE', description: 'write the packet afterwards to a file' },
    'ctx-out': { type: 'string', value: 'FILE', description: 'write the context afterwards to a file' },
    json: { type: 'boolean', description: 'print one JSON document' },
  },
  examples: [
    'bpf prog run name xdp_drop --data @packet.bin',
    'bpf prog run id 12 --repeat 1000000',
    "bpf prog run id 12 data_in packet.bin repeat 10      in bpftool's words: also data_out, ctx_in, ctx_out",
  ],
  run: async invocation => (await import('../prog/run')).runProgRun(invocation),
})

const pin = defineCommand({
  name: 'pin',
  summary: 'gives a program a path, by which it stays',
  operands: 'SELECTOR PATH',
  maxOperands: 3,
  complete: selected('prog'),
  options: {},
  examples: ['bpf prog pin id 12 /sys/fs/bpf/mine'],
  run: async invocation => (await import('../objects/pin')).runPin('prog', invocation),
})

const loadOptions = {
  type: {
    type: 'string',
    value: 'TYPE',
    description: 'of all its programs, in the words of sections: xdp, cgroup/connect4; what their sections say unless given',
  },
  map: {
    type: 'string',
    multiple: true,
    value: 'NAME=MAP',
    complete: inObject('mapChanges'),
    description: 'use a map that is there: counts=id:7, counts=pinned:/sys/fs/bpf/counts, counts=name:other',
  },
  pinmaps: { type: 'string', value: 'DIR', description: 'pin the maps, too' },
  btf: objectOptions.btf,
  autoattach: { type: 'boolean', description: 'attach where sections say, and pin the links' },
  'offload-dev': { type: 'string', value: 'NAME', description: 'load into this network device' },
  'xdpmeta-dev': {
    type: 'string',
    value: 'NAME',
    description: 'bind to this network device, whose metadata the programs read (Linux 6.3)',
  },
  set: objectOptions.set,
  json: { type: 'boolean', description: 'print one JSON document' },
} as const

const load = defineCommand({
  name: 'load',
  summary: 'loads an object and pins its first program, by which it stays',
  operands: 'OBJ PATH',
  maxOperands: 40,
  options: loadOptions,
  examples: [
    'bpf prog load drop.o /sys/fs/bpf/drop --type xdp',
    'bpf prog load count.o /sys/fs/bpf/count --map counts=pinned:/sys/fs/bpf/counts',
    "bpf prog load count.o /sys/fs/bpf/count type xdp map name counts id 7      in bpftool's words",
  ],
  run: async invocation => (await import('../prog/load')).runProgLoad('first', invocation),
})

const loadall = defineCommand({
  name: 'loadall',
  summary: 'loads an object and pins all its programs in a directory, by their names',
  operands: 'OBJ DIR',
  maxOperands: 40,
  options: loadOptions,
  examples: [
    'bpf prog loadall obj.o /sys/fs/bpf/mine --pinmaps /sys/fs/bpf/mine/maps',
    'bpf prog loadall obj.o /sys/fs/bpf/mine --autoattach        rm -r /sys/fs/bpf/mine detaches them',
  ],
  run: async invocation => (await import('../prog/load')).runProgLoad('all', invocation),
})

const netns = { type: 'string', value: 'PATH', description: 'flow dissectors: in this network namespace' } as const

const attach = defineCommand({
  name: 'attach',
  summary:
    'attaches a loaded program: to any hook by a link that is pinned; to the sockets of a map, or as the flow dissector, until it is detached',
  operands: 'SELECTOR HOOK[=TARGET] | SELECTOR TYPE [MAP]',
  maxOperands: 5,
  complete: selected('prog'),
  options: {
    pin: { type: 'string', value: 'PATH', description: 'where to pin the link, by which the program stays attached' },
    netns,
  },
  examples: [
    'bpf prog attach name on_read kprobe=vfs_read --pin /sys/fs/bpf/on_read      HOOK=TARGET as bpf start --attach has it',
    'bpf prog attach pinned /sys/fs/bpf/p fentry --pin /sys/fs/bpf/l             it was loaded for its function',
    'bpf prog attach name redirect sk_msg_verdict name sockets      also sk_skb_verdict, sk_skb_stream_verdict, sk_skb_stream_parser',
    'bpf prog attach id 12 flow_dissector --netns /run/netns/blue',
  ],
  run: async invocation => (await import('../prog/attach')).runProgAttach('attach', invocation),
})

const detach = defineCommand({
  name: 'detach',
  summary: 'detaches what bpf prog attach attached',
  operands: 'SELECTOR TYPE [MAP]',
  maxOperands: 5,
  complete: selected('prog'),
  options: { netns },
  examples: ['bpf prog detach name redirect sk_msg_verdict name sockets'],
  run: async invocation => (await import('../prog/attach')).runProgAttach('detach', invocation),
})

const profile = defineCommand({
  name: 'profile',
  summary: 'what a program costs: runs and time on every machine, cycles, cache misses and other events where there are counters',
  operands: 'SELECTOR [METRIC…]',
  maxOperands: 22,
  complete: selected('prog'),
  options: {
    duration: { type: 'string', value: 'DURATION', description: 'stop by itself after this time: 10, 500ms, 2m; at Ctrl-C unless given' },
    json: { type: 'boolean', description: 'print one JSON document' },
    'bpftool-json': { type: 'boolean', description: "print bpftool's own JSON, as bpftool -j prog profile does" },
  },
  examples: [
    'bpf prog profile id 12 --duration 10s                 runs and time',
    'bpf prog profile name on_packet cycles instructions llc_misses       METRIC: also l1d_loads, itlb_misses, dtlb_misses, any of perf list',
  ],
  run: async invocation => (await import('../profile/run')).runProgProfile(invocation),
})

const tracelog = defineCommand({
  name: 'tracelog',
  summary: 'the trace pipe, or what a program wrote to its streams; the same as bpf trace',
  operands: '[stdout|stderr] [SELECTOR]',
  maxOperands: 3,
  complete: selected('prog', 'stdout', 'stderr'),
  options: traceOptions,
  examples: ['bpf prog tracelog', 'bpf prog tracelog stderr id 12'],
  run: async invocation => (await import('../trace/run')).runTrace(invocation),
})

/** Programs in the kernel. */
export const prog: CommandGroup = {
  name: 'prog',
  summary: 'programs in the kernel: list, dump, load, attach, run, profile, pin',
  commands: [list, dump, load, loadall, attach, detach, run, profile, tracelog, pin],
  fallback: 'list',
}
