import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packAll } from './published.mjs'

/** What somebody does who has an object and nothing else: npm init, npm install, bpf gen types, thirty lines, tsc, node. */
const isRoot = process.getuid?.() === 0
const project = mkdtempSync(join(tmpdir(), 'bpf-from-nothing-'))
const tarballs = join(project, 'tarballs')

const program = `
import { open, type ExecEvent } from './execsnoop.js'

/** How long a process ran, for people. */
function runtime({ duration_ns }: ExecEvent): string {
  return \`\${Number(duration_ns / 1000n) / 1000} ms\`
}

using object = open().set('show_exit', true).load()
object.attach()
console.error('attached')

const stop = AbortSignal.timeout(60_000)
for await (const record of object.records('events', { signal: stop })) {
  if (record.kind === 'lost') {
    console.log(record.count, 'lost')
    continue
  }
  const event = record.value
  switch (event.kind) {
    case 'EXEC':
      console.log('exec', event.pid, event.filename)
      break
    case 'EXIT':
      console.log('exit', event.pid, event.comm, runtime(event))
      if (event.comm === 'true') process.exit()
  }
}
`

/** What the harness runs of somebody who has installed it. */
const scenario = `
import { readFileSync } from 'node:fs'
import { attachTracepoint } from '@bpf/attach'
import { readObject } from '@bpf/object'
import { scenario, type ScenarioContext } from '@bpf/test-harness'

const object = '../execsnoop.o'
const firstProgram = (t: ScenarioContext): string => readObject(readFileSync(t.file(object)), { name: 'execsnoop' }).programs[0]?.name ?? ''

export default scenario({
  name: 'executions are seen',
  family: 'tracepoint',
  object,
  attach: t => attachTracepoint(t.attachContext, t.program(firstProgram(t)), { category: 'sched', name: 'sched_process_exec' }),
  stimulate: t => void t.run('true'),
  check: async t => {
    const [event] = await t.events('events')
    if (event === undefined) throw new Error('no event')
  },
})
`

const settings = {
  compilerOptions: {
    strict: true,
    target: 'ES2022',
    lib: ['ES2023', 'ESNext.Disposable'],
    module: 'NodeNext',
    types: ['node'],
    rootDir: 'src',
    outDir: 'dist',
  },
  include: ['src'],
}

const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { cwd: project, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
const compile = () => spawnSync('npx', ['tsc'], { cwd: project, encoding: 'utf8' })

beforeAll(() => {
  execFileSync('node_modules/.bin/turbo', ['run', 'build', '--output-logs=errors-only'], { stdio: 'ignore' })
  mkdirSync(tarballs)
  packAll(tarballs)

  run('npm', 'init', '--yes', '--init-type', 'module')
  const packed = readdirSync(tarballs).map(file => `./tarballs/${file}`)
  const tools = ['typescript', '@types/node'].map(name => resolve('node_modules', name))
  run('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', ...packed, ...tools)

  mkdirSync(join(project, 'src'))
  copyFileSync('packages/fixtures/objects/examples/execsnoop.o', join(project, 'execsnoop.o'))
  run('npx', 'bpf', 'gen', 'types', 'execsnoop.o', '-o', 'src/execsnoop.ts')
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(settings))
  writeFileSync(join(project, 'src/main.ts'), program)
}, 600_000)

afterAll(() => rmSync(project, { recursive: true, force: true }))

/** Calls into the kernel, and the kernel's into Node, on any version of it. */
async function printsEvents(node: string): Promise<void> {
  const started = spawn(node, ['dist/main.js'], { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let notes = ''
  const starting = setInterval(() => notes.includes('attached') && void spawn('/bin/true'), 200)
  started.stdout.on('data', chunk => (output += chunk))
  started.stderr.on('data', chunk => (notes += chunk))
  await once(started, 'close')
  clearInterval(starting)
  expect(notes).toBe('attached\n')
  expect(output).toMatch(/^exec \d+ \/bin\/true$/m)
  expect(output).toMatch(/^exit \d+ true [\d.]+ ms$/m)
}

describe('a project made from nothing', () => {
  it('compiles under tsc --strict', { timeout: 120_000 }, () => {
    expect(compile().stdout).toBe('')
  })

  it.skipIf(!isRoot)('prints events (needs root)', { timeout: 120_000 }, () => printsEvents(process.execPath))

  it.skipIf(!isRoot)('runs a scenario in TypeScript that imports our packages (needs root)', { timeout: 120_000 }, () => {
    writeFileSync(join(project, 'src/scenario.ts'), scenario)
    expect(compile().stdout).toBe('')
    const { results } = JSON.parse(run('npx', 'bpf-test', 'src/scenario.ts', '--reporter', 'json'))
    expect(results).toEqual([expect.objectContaining({ scenario: 'executions are seen', status: 'pass', interface: 'bpf link' })])
  })

  /** The binaries of Node as npm has them. */
  describe.each([22, 24, 26])('on Node %i', { timeout: 300_000 }, version => {
    const nodeOf = () => run('npx', '--yes', '-p', `node-${process.platform}-${process.arch}@${version}`, '-c', 'command -v node').trim()

    it('reads an object', () => {
      const inspected = JSON.parse(run(nodeOf(), 'node_modules/@bpf/cli/dist/main.js', 'inspect', 'execsnoop.o', '--json'))
      expect(inspected.programs).toHaveLength(2)
    })

    it.skipIf(!isRoot)('prints events (needs root)', () => printsEvents(nodeOf()))
  })

  it('does not compile with a wrong name', { timeout: 120_000 }, () => {
    writeFileSync(join(project, 'src/main.ts'), program.replace("'events'", "'event'"))
    const { status, stdout } = compile()
    expect(status).not.toBe(0)
    expect(stdout).toMatch(/main\.ts.*'"event"' is not assignable to parameter of type '"events"'/)
  })
})
