// `pnpm bench [--json] [--write]`: builds the C peers, runs both sides in turn, prints ratios.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { absolutes, measures } from './measures.mjs'

const here = path => fileURLToPath(new URL(path, import.meta.url))
const object = name => here(`../../fixtures/objects/bench/${name}`)
const turns = 7

/** Both sides of each program, with the object that they work on. `rusageOf`: whose time it is, see peers/exact-rusage.c. */
const programs = [
  { name: 'maps', args: [] },
  { name: 'ring', args: [object('fill-ring.o')] },
  { name: 'load', args: [object('thirty.o')], rusageOf: 'thread' },
  { name: 'load', args: [object('thirty.o')], rusageOf: 'process', suffix: ', all threads' },
  { name: 'btf', args: [], rusageOf: 'thread', node: ['--expose-gc'], alone: true },
]

/** Written by hand, from profiles: how the rows of loading come about, and what stands behind those that miss their goal. */
const notes = `## What loading is measured by

The time that the loading thread runs outside of system calls, from the object's bytes in memory to the last bpf(2) call. It is
taken alike on both sides, by a library that is preloaded (\`packages/bench/peers/exact-rusage.c\`): the kernel's own division into
user and system time is a guess from clock ticks 4 ms apart. Page faults count as the thread's. Each process loads eleven times, and
the first is a row of its own; a libbpf that loads again keeps what it found out about the kernel, while a new \`Context\` of ours
asks anew. The rows "of all threads" add what V8 does beside the loading thread: it compiles and collects, nobody waits for it,
but it is work all the same.

## What limits them

- They vary with the processor. On this one a system call takes three times as long as on the Intel Xeon where these figures were
  taken before, memory is faster, and the host changes its speed by a third from one second to the next. There it was:
  map lookup 1.26, update 1.25, dump 1.91, ring buffer 0.92 of libbpf, 4.9 M decoded records a second, \`bpf --version\` 24 ms.
- Map operations: what is added to the system call is the way out of JavaScript and back, 90 ns there and 130 to 300 ns here. It
  differs from process to process: of 17 pairs that were run one after the other, the ratio of the middle one was 1.21 for look-ups
  and 1.24 for updates, of the best 0.94, of the worst 1.71.
- Ring buffer, raw: half a million fresh records are 36 MB, so memory decides: a loop over headers alone, without any callback,
  is no faster than our consumer.
- Ring buffer, decoded: what \`events()\` delivers. Four 64-bit numbers, an array and an object make 250 bytes a record, its turn of
  \`for await\` 350. The engine's part of a turn is 80 to 150 ns here, decoding 60 to 110: the same code reads 2.7 or 4 million a
  second from one second to the next, while pure arithmetic takes the same time throughout, as on a core whose other thread is at times
  somebody else's. \`batches()\` hands out arrays: half the memory, and a turn for up to a thousand records.
- Loading: the first of a process pays the JavaScript engine, which reads our code when it first runs, and runs it slowly then. After
  that, more than half of a load is the index of the kernel's 126,000 types and of the names among them, which a second object of the
  same \`Context\` finds there. From Linux 6.16 on, the kernel's BTF is mapped; before, reading it takes a system call a page, on
  both sides.
- The index of a new process: 3 ms pass until the engine has compiled the loop over the types, and 2 ms are the first calls of some
  forty functions, each of which it has to read. Node 24 and 26 are a quarter faster than Node 20, whose time stands above.
- \`bpf --version\` answers before the commands are loaded; 9 ms are what Node takes for a module of nothing.
`

if (process.getuid() !== 0) fail('benchmarks load programs: run them as root')
const scratch = mkdtempSync(join(tmpdir(), 'bpf-bench-'))
try {
  const results = measureAll()
  if (process.argv.includes('--json')) console.log(JSON.stringify(results))
  else console.log(table(results))
  if (process.argv.includes('--write')) writeFileSync(here('../../../docs/performance.md'), page(results))
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

function measureAll() {
  const ours = {}
  const peers = {}
  buildExactRusage()
  const havePeers = buildPeers()
  for (let turn = 0; turn < turns; turn++) {
    for (const program of programs) {
      const { name, args, node = [], alone } = program
      collect(ours, turn, program, process.execPath, [...node, here(`ours-${name}.mjs`), ...args])
      if (havePeers && !alone) collect(peers, turn, program, join(scratch, name), args)
    }
  }
  ours.command = [commandOverhead()]
  return [
    ...measures.map(m => compare(m, turnsOf(ours, m.name), havePeers ? turnsOf(peers, m.peer ?? m.name) : undefined)),
    ...absolutes.map(m => {
      const value = typical(turnsOf(ours, m.name))
      return { ...judge(m, value), ours: round(value), peer: null, peerName: null, ratio: null }
    }),
  ]
}

function buildExactRusage() {
  execFileSync('gcc', ['-O2', '-shared', '-fPIC', '-o', join(scratch, 'exact-rusage.so'), here('../peers/exact-rusage.c')])
}

function buildPeers() {
  if (spawnSync('pkg-config', ['--exists', 'libbpf']).status !== 0) {
    console.error('libbpf-dev is not installed: no peers to compare with')
    return false
  }
  const names = new Set(programs.filter(({ alone }) => !alone).map(({ name }) => name))
  for (const name of names) execFileSync('gcc', ['-O2', '-o', join(scratch, name), here(`../peers/${name}.c`), '-lbpf'])
  return true
}

/** Into `into`, by name: the values of each turn. */
function collect(into, turn, { rusageOf, suffix = '' }, command, args) {
  const env = rusageOf ? { ...process.env, LD_PRELOAD: join(scratch, 'exact-rusage.so'), RUSAGE_OF: rusageOf } : process.env
  const output = execFileSync(command, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'inherit'] })
  for (const line of output.split('\n').filter(Boolean)) {
    const { name, value } = JSON.parse(line)
    into[name + suffix] ??= Array.from({ length: turns }, () => [])
    into[name + suffix][turn].push(value)
  }
}

/** Milliseconds that `bpf --version` takes longer than Node alone. */
function commandOverhead() {
  const time = args => {
    const start = performance.now()
    execFileSync(process.execPath, args)
    return performance.now() - start
  }
  return Array.from({ length: 15 }, () => time([here('../../../apps/cli/dist/main.js'), '--version']) - time(['-e', '0']))
}

/** The ratio is that of a typical turn, whose sides ran one after the other: the machine itself may be faster in one turn than in another. */
function compare(measure, ours, peer) {
  const ratio = peer === undefined ? null : median(ours.map((values, turn) => median(values) / median(peer[turn])))
  return {
    ...judge(measure, ratio),
    ours: round(typical(ours)),
    peer: peer === undefined ? null : round(typical(peer)),
    peerName: peer === undefined ? null : 'libbpf (C)',
    ratio: ratio && round(ratio),
  }
}

/** Met is null where there is nothing to compare with, or no goal. */
function judge({ name, title, unit, better, goal = null }, value) {
  const met = value === null || goal === null ? null : better === 'smaller' ? value <= goal : value >= goal
  return { name, title, unit, better, goal, met }
}

function table(results) {
  const rows = results.map(r => [
    r.title,
    `${r.ours} ${r.unit}`,
    r.peer === null ? '-' : `${r.peer} ${r.unit}`,
    r.ratio === null ? '-' : String(r.ratio),
    r.goal === null ? '-' : `${r.better === 'smaller' ? '≤' : '≥'} ${r.goal}${r.ratio === null ? ` ${r.unit}` : ''}`,
    r.goal === null ? '-' : r.met === null ? '?' : r.met ? 'yes' : 'no',
  ])
  const header = ['measure', 'ours', 'libbpf (C)', 'ratio', 'goal', 'met']
  return [header, header.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |`).join('\n')
}

function page(results) {
  return `# Performance

Written by \`pnpm bench --write\`: medians of ${turns} turns, in each of which both sides run one after the other on the same machine;
ratios are medians of those of the turns. The peers are C programs of our own on libbpf (\`packages/bench/peers\`). Trust ratios, not
single figures.

${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} CPUs, Linux ${release()}, Node ${process.versions.node}.

${table(results)}

${notes}`
}

function turnsOf(side, name) {
  return side[name] ?? fail(`nothing was measured of ${name}`)
}

/** Of a typical turn. */
function typical(valuesOfTurns) {
  return median(valuesOfTurns.map(median))
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1]
}

function round(value) {
  return Number(value.toPrecision(3))
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
