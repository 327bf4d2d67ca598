// `pnpm bench [--json] [--write]`: builds the C peers, runs both sides in turn, prints ratios.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { absolutes, measures } from './measures.mjs'
import { page, table } from './page.mjs'
import { programs } from './programs.mjs'
import { takeTurns } from './sides.mjs'

const here = path => fileURLToPath(new URL(path, import.meta.url))
/** Pairs of processes: what a process happens to get, of memory and of compiled code, makes a difference too. */
const pairs = 7

if (process.getuid() !== 0) fail('benchmarks load programs: run them as root')
const scratch = mkdtempSync(join(tmpdir(), 'bpf-bench-'))
try {
  const results = await measureAll()
  if (process.argv.includes('--json')) console.log(JSON.stringify(results))
  else console.log(table(results))
  if (process.argv.includes('--write')) writeFileSync(here('../../../docs/performance.md'), page(results, pairs))
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

async function measureAll() {
  buildExactRusage()
  const havePeers = buildPeers()
  const rounds = []
  for (let pair = 0; pair < pairs; pair++) {
    for (const program of programs) {
      const all = await takeTurns(sidesOf(program, havePeers), program.rounds)
      rounds.push(...all.slice(program.warmUp ?? 0).map(round => withSuffix(round, program.suffix ?? '')))
    }
  }
  rounds.push(...Array.from({ length: 15 }, () => ({ ours: { command: commandOverhead() } })))
  return [...measures.map(measure => compare(measure, rounds, havePeers)), ...absolutes.map(measure => alone(measure, rounds))]
}

function sidesOf({ name, args = [], node = [], rusageOf, peer = true }, havePeers) {
  const env = rusageOf ? { ...process.env, LD_PRELOAD: join(scratch, 'exact-rusage.so'), RUSAGE_OF: rusageOf } : process.env
  return {
    ours: { command: process.execPath, args: [...node, here(`ours-${name}.mjs`), ...args], env },
    ...(peer && havePeers ? { peer: { command: join(scratch, name), args, env } } : {}),
  }
}

/** The values of a round under longer names: of the same program, run in another way. */
function withSuffix(round, suffix) {
  const renamed = values => Object.fromEntries(Object.entries(values).map(([name, value]) => [name + suffix, value]))
  return Object.fromEntries(Object.entries(round).map(([side, values]) => [side, renamed(values)]))
}

function buildExactRusage() {
  execFileSync('gcc', ['-O2', '-shared', '-fPIC', '-o', join(scratch, 'exact-rusage.so'), here('../peers/exact-rusage.c')])
}

function buildPeers() {
  if (spawnSync('pkg-config', ['--exists', 'libbpf']).status !== 0) {
    console.error('libbpf-dev is not installed: no peers to compare with')
    return false
  }
  const names = new Set(programs.filter(({ peer = true }) => peer).map(({ name }) => name))
  for (const name of names) execFileSync('gcc', ['-O2', '-o', join(scratch, name), here(`../peers/${name}.c`), '-lbpf'])
  return true
}

/** Milliseconds that `bpf --version` takes longer than Node alone. */
function commandOverhead() {
  const time = args => {
    const start = performance.now()
    execFileSync(process.execPath, args)
    return performance.now() - start
  }
  return time([here('../../../apps/cli/dist/main.js'), '--version']) - time(['-e', '0'])
}

/** Of the rounds in which both sides measured it. */
function compare(measure, rounds, havePeers) {
  if (!havePeers) return { ...alone(measure, rounds), met: null }
  const both = rounds
    .map(({ ours, peer }) => ({ ours: ours[measure.name], peer: peer?.[measure.peer ?? measure.name] }))
    .filter(({ ours, peer }) => ours !== undefined && peer !== undefined)
  const typical = figure => median(measure.name, both.map(figure))
  const ratio = typical(({ ours, peer }) => ours / peer)
  return {
    ...judge(measure, ratio),
    ours: round(typical(({ ours }) => ours)),
    peer: round(typical(({ peer }) => peer)),
    peerName: 'libbpf (C)',
    ratio: round(ratio),
  }
}

function alone(measure, rounds) {
  const value = median(
    measure.name,
    rounds.map(({ ours }) => ours[measure.name]).filter(value => value !== undefined),
  )
  return { ...judge(measure, value), ours: round(value), peer: null, peerName: null, ratio: null }
}

/** Met is null where there is no goal, or nothing to compare with. */
function judge({ name, title, unit, better, goal = null }, value) {
  const met = goal === null ? null : better === 'smaller' ? value <= goal : value >= goal
  return { name, title, unit, better, goal, met }
}

function median(name, values) {
  if (values.length === 0) fail(`nothing was measured of ${name}`)
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
