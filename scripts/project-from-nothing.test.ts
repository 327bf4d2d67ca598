import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** What somebody does who has an object and nothing else: npm init, npm install, bpf gen types, thirty lines, tsc, node. */
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
  execFileSync('node_modules/.bin/turbo', ['run', 'build', '--filter=@bpf/cli...', '--output-logs=errors-only'], { stdio: 'ignore' })
  mkdirSync(tarballs)
  const filters = ['--filter', '@bpf/cli...', '--filter', '!./packages/fixtures', '--filter', '!./packages/terminal']
  execFileSync('npx', ['--yes', 'pnpm@10.34.9', ...filters, 'pack', '--pack-destination', tarballs], { stdio: 'ignore' })

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

describe('a project made from nothing', () => {
  it('compiles under tsc --strict', { timeout: 120_000 }, () => {
    expect(compile().stdout).toBe('')
  })

  it.skipIf(process.getuid?.() !== 0)('prints events (needs root)', { timeout: 120_000 }, async () => {
    const started = spawn('node', ['dist/main.js'], { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] })
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
  })

  it('does not compile with a wrong name', { timeout: 120_000 }, () => {
    writeFileSync(join(project, 'src/main.ts'), program.replace("'events'", "'event'"))
    const { status, stdout } = compile()
    expect(status).not.toBe(0)
    expect(stdout).toMatch(/main\.ts.*'"event"' is not assignable to parameter of type '"events"'/)
  })
})
