// `pnpm bench [--json] [--write]`: builds the C peers, runs both sides in turn, prints ratios.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { absolutes, measures } from './measures.mjs'

const here = path => fileURLToPath(new URL(path, import.meta.url))
const object = name => here(`../../fixtures/objects/bench/${name}`)
const turns = 3

/** Both sides of each program, with the object that they work on. */
const programs = [
  { name: 'maps', args: [] },
  { name: 'ring', args: [object('fill-ring.o')] },
  { name: 'load', args: [object('thirty.o')] },
]

/** Written by hand, from profiles: what stands behind the rows that miss their goal. */
const whatLimits = `## What limits them

- Ring buffer, raw: half a million fresh records are 36 MB, so memory decides: a loop over headers alone, without any callback,
  is no faster than our consumer. With records that are in the cache we reach 0.83 of libbpf (about 184 against 221 million
  a second). \`batches()\` of a loaded object delivers about twice as many decoded records as \`records()\`.
- Loading: a fresh process pays the JavaScript engine. Of the user time of ten loads, a tenth is our compiled code; most of the
  rest is V8 that compiles, optimises and collects, partly on other threads, which count. Once that is done, indexing the kernel's
  126,000 types and the names among them takes about 3 ms.
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
  const havePeers = buildPeers()
  for (let turn = 0; turn < turns; turn++) {
    for (const { name, args } of programs) {
      collect(ours, process.execPath, [here(`ours-${name}.mjs`), ...args])
      if (havePeers) collect(peers, join(scratch, name), args)
    }
  }
  ours.command = commandOverhead()
  return [
    ...measures.map(m => compare(m, median(ours[m.name]), havePeers ? median(peers[m.peer ?? m.name]) : null)),
    ...absolutes.map(m => ({
      ...judge(m, median(ours[m.name])),
      ours: round(median(ours[m.name])),
      peer: null,
      peerName: null,
      ratio: null,
    })),
  ]
}

function buildPeers() {
  if (spawnSync('pkg-config', ['--exists', 'libbpf']).status !== 0) {
    console.error('libbpf-dev is not installed: no peers to compare with')
    return false
  }
  for (const { name } of programs) execFileSync('gcc', ['-O2', '-o', join(scratch, name), here(`../peers/${name}.c`), '-lbpf'])
  return true
}

function collect(into, command, args) {
  const output = execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  for (const line of output.split('\n').filter(Boolean)) {
    const { name, value } = JSON.parse(line)
    into[name] ??= []
    into[name].push(value)
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

function compare(measure, ours, peer) {
  const ratio = peer === null ? null : ours / peer
  return {
    ...judge(measure, ratio),
    ours: round(ours),
    peer: peer && round(peer),
    peerName: peer && 'libbpf (C)',
    ratio: ratio && round(ratio),
  }
}

function judge({ name, title, unit, better, goal }, value) {
  return { name, title, unit, better, goal, met: value === null ? null : better === 'smaller' ? value <= goal : value >= goal }
}

function table(results) {
  const rows = results.map(r => [
    r.title,
    `${r.ours} ${r.unit}`,
    r.peer === null ? '-' : `${r.peer} ${r.unit}`,
    r.ratio === null ? '-' : String(r.ratio),
    `${r.better === 'smaller' ? '≤' : '≥'} ${r.goal}${r.ratio === null ? ` ${r.unit}` : ''}`,
    r.met === null ? '?' : r.met ? 'yes' : 'no',
  ])
  const header = ['measure', 'ours', 'libbpf (C)', 'ratio', 'goal', 'met']
  return [header, header.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |`).join('\n')
}

function page(results) {
  return `# Performance

Written by \`pnpm bench --write\`: medians of ${turns} runs of each side in turn, on the same machine in the same minutes. The
peers are C programs of our own on libbpf (\`packages/bench/peers\`). Trust ratios, not single figures.

${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} CPUs, Linux ${release()}, Node ${process.versions.node}.

${table(results)}

${whatLimits}`
}

function median(values) {
  const sorted = [...(values ?? fail('a measure is missing'))].sort((a, b) => a - b)
  return sorted[sorted.length >> 1]
}

function round(value) {
  return Number(value.toPrecision(3))
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
