import { type CommandGroup, defineCommand } from '@bpf/terminal'
import { selected } from '../complete'
import { listOptions } from '../objects/options'

const outputOptions = {
  hex: { type: 'boolean', description: 'bytes, though the types are known' },
  json: { type: 'boolean', description: 'print JSON' },
  'bpftool-json': { type: 'boolean', description: "print bpftool's own JSON: bytes, and what BTF makes of them" },
} as const

const list = defineCommand({
  name: 'list',
  aliases: ['show'],
  summary: 'the maps there are, or all about one: type, sizes, memory, who holds it, where it is pinned',
  operands: '[SELECTOR]',
  maxOperands: 2,
  complete: selected('map'),
  options: listOptions,
  examples: [
    'bpf map list                       all',
    'bpf map show name counts           all about one; also id N, pinned PATH, or just the word',
  ],
  run: async invocation => (await import('../map/list')).runMapList(invocation),
})

const dump = defineCommand({
  name: 'dump',
  summary: 'all entries of a map, read in batches, as BTF types them',
  operands: 'SELECTOR',
  maxOperands: 2,
  complete: selected('map'),
  options: outputOptions,
  examples: [
    'bpf map dump counts',
    'bpf map dump id 7 --json | jq ".entries[].key"',
    'bpf map dump pinned /sys/fs/bpf/mine/maps/counts --hex',
  ],
  run: async invocation => (await import('../map/dump')).runMapDump(invocation),
})

/** Words of a key or value: as many as there are bytes. */
const manyWords = 4096

const lookup = defineCommand({
  name: 'lookup',
  summary: 'the value at a key; exit code 1 if there is none',
  operands: 'SELECTOR key KEY',
  maxOperands: manyWords,
  complete: selected('map'),
  options: outputOptions,
  examples: ['bpf map lookup counts key 7', `bpf map lookup flows key '{"pid":1,"port":80}'`, 'bpf map lookup id 7 key hex 01 00 00 00'],
  run: async invocation => (await import('../map/lookup')).runMapLookup(invocation),
})

const update = defineCommand({
  name: 'update',
  summary: 'writes the value at a key; noexist: only if there is none, exist: only if there is one',
  operands: 'SELECTOR key KEY value VALUE [any|noexist|exist]',
  maxOperands: manyWords,
  complete: selected('map'),
  options: {},
  examples: [
    'bpf map update counts key 7 value 1',
    'bpf map update routes key 10.0.0.0/8 value hex 01 00 00 00 noexist',
    'bpf map update jumps key 0 value id 12      a program into a program array',
  ],
  run: async invocation => (await import('../map/change')).runMapUpdate(invocation),
})

const remove = defineCommand({
  name: 'delete',
  summary: 'takes away the entry at a key',
  operands: 'SELECTOR key KEY',
  maxOperands: manyWords,
  complete: selected('map'),
  options: {},
  examples: ['bpf map delete counts key 7'],
  run: async invocation => (await import('../map/change')).runMapDelete(invocation),
})

const getnext = defineCommand({
  name: 'getnext',
  summary: 'the key behind a key, or the first, as bytes',
  operands: 'SELECTOR [key KEY]',
  maxOperands: manyWords,
  complete: selected('map'),
  options: outputOptions,
  examples: ['bpf map getnext counts', 'bpf map getnext counts key hex 01 00 00 00'],
  run: async invocation => (await import('../map/lookup')).runMapGetnext(invocation),
})

const peek = defineCommand({
  name: 'peek',
  summary: 'the next value of a queue or stack, left where it is',
  operands: 'SELECTOR',
  maxOperands: 2,
  complete: selected('map'),
  options: outputOptions,
  examples: ['bpf map peek jobs'],
  run: async invocation => (await import('../map/queue')).runMapNext('peek', invocation),
})

const pop = defineCommand({
  name: 'pop',
  aliases: ['dequeue'],
  summary: 'takes the next value out of a queue or stack',
  operands: 'SELECTOR',
  maxOperands: 2,
  complete: selected('map'),
  options: outputOptions,
  examples: ['bpf map pop jobs --json'],
  run: async invocation => (await import('../map/queue')).runMapNext('pop', invocation),
})

const push = defineCommand({
  name: 'push',
  aliases: ['enqueue'],
  summary: 'adds a value to a queue, a stack or a bloom filter',
  operands: 'SELECTOR value VALUE',
  maxOperands: manyWords,
  complete: selected('map'),
  options: {},
  examples: ['bpf map push jobs value 7'],
  run: async invocation => (await import('../map/queue')).runMapPush(invocation),
})

const create = defineCommand({
  name: 'create',
  summary: 'makes a map and pins it',
  operands: 'PATH',
  maxOperands: 20,
  options: {
    type: { type: 'string', value: 'TYPE', description: 'hash, array, percpu_hash, …' },
    key: { type: 'string', value: 'BYTES', description: 'size of a key' },
    value: { type: 'string', value: 'BYTES', description: 'size of a value' },
    entries: { type: 'string', value: 'N', description: 'how many at most' },
    name: { type: 'string', value: 'NAME', description: 'at most 15 bytes' },
    flags: { type: 'string', value: 'FLAG,…', description: 'no_prealloc, mmapable, …, or a number' },
    inner: { type: 'string', value: 'MAP', description: 'for maps of maps: a map like those to be put in, by id, path or name' },
    'offload-dev': { type: 'string', value: 'NAME', description: 'in this network device' },
  },
  examples: [
    'bpf map create /sys/fs/bpf/counts --type hash --key 4 --value 8 --entries 128 --name counts',
    "bpf map create /sys/fs/bpf/counts type hash key 4 value 8 entries 128 name counts      in bpftool's words",
  ],
  run: async invocation => (await import('../map/create')).runMapCreate(invocation),
})

const pin = defineCommand({
  name: 'pin',
  summary: 'gives a map a path, by which it stays',
  operands: 'SELECTOR PATH',
  maxOperands: 3,
  complete: selected('map'),
  options: {},
  examples: ['bpf map pin id 7 /sys/fs/bpf/counts'],
  run: async invocation => (await import('../objects/pin')).runPin('map', invocation),
})

const freeze = defineCommand({
  name: 'freeze',
  summary: 'no more writes from user space, for good',
  operands: 'SELECTOR',
  maxOperands: 2,
  complete: selected('map'),
  options: {},
  examples: ['bpf map freeze id 7'],
  run: async invocation => (await import('../map/change')).runMapFreeze(invocation),
})

const events = defineCommand({
  name: 'event_pipe',
  aliases: ['events'],
  summary: 'what programs write to a ring or perf buffer, as it comes, until Ctrl-C',
  operands: 'SELECTOR',
  maxOperands: 6,
  complete: selected('map'),
  options: {
    for: { type: 'string', value: 'DURATION', description: 'stop by itself after this time: 500ms, 10s, 2m' },
    count: { type: 'string', short: 'n', value: 'N', description: 'stop after N events' },
    cpu: { type: 'string', value: 'N', description: 'perf buffers: only those of this CPU' },
    json: { type: 'boolean', description: 'a JSON line an event' },
  },
  examples: ['bpf map event_pipe events --json', 'bpf map event_pipe id 7 --count 1'],
  run: async invocation => (await import('../map/events')).runMapEvents(invocation),
})

/** Maps in the kernel. */
export const map: CommandGroup = {
  name: 'map',
  summary: 'maps in the kernel: list, dump, look up, change, create',
  commands: [list, dump, lookup, update, remove, getnext, push, pop, peek, create, pin, freeze, events],
  fallback: 'list',
}
