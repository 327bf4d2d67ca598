import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'tsup'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** `@bpf/elf` as a stranger gets it: packed, installed alone in an empty project, used from ESM, CommonJS and a browser. */
const project = mkdtempSync(join(tmpdir(), 'bpf-elf-consumer-'))
const object = resolve('packages/fixtures/objects/examples/execsnoop.o')
const listSections = `elf.sections.map(section => section.name).filter(name => name.startsWith('tracepoint/')).join()`
const expected = 'tracepoint/sched/sched_process_exec,tracepoint/sched/sched_process_exit'

const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { cwd: project, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })

beforeAll(() => {
  execFileSync('node_modules/.bin/turbo', ['run', 'build', '--filter=@bpf/elf...', '--output-logs=errors-only'], { stdio: 'inherit' })
  // npm pack would keep `publishConfig.exports` aside; pnpm writes what is published.
  execFileSync('npx', ['--yes', 'pnpm@10.34.9', 'pack', '--pack-destination', project], { cwd: 'packages/elf', stdio: 'ignore' })
  writeFileSync(join(project, 'package.json'), '{ "name": "consumer", "private": true }')
  run('npm', 'install', '--offline', '--no-audit', '--no-fund', './bpf-elf-0.1.0.tgz')
}, 120_000)

afterAll(() => rmSync(project, { recursive: true, force: true }))

describe('@bpf/elf packed and installed alone', () => {
  it('carries its build, its types, a readme and a licence, and no dependency', () => {
    const installed = join(project, 'node_modules/@bpf/elf')
    for (const file of ['dist/index.js', 'dist/index.d.ts', 'dist/index.js.map', 'README.md', 'LICENSE']) {
      expect(existsSync(join(installed, file)), file).toBe(true)
    }
    expect(JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')).dependencies ?? {}).toEqual({})
    expect(readFileSync(join(installed, 'dist/index.d.ts'), 'utf8')).not.toContain('@bpf/bytes')
  })

  it('parses an object from an ESM consumer', () => {
    writeFileSync(
      join(project, 'consumer.mjs'),
      `import { readFileSync } from 'node:fs'
       import { parseElf } from '@bpf/elf'
       const elf = parseElf(readFileSync(process.argv[2]))
       console.log(${listSections})`,
    )
    expect(run('node', 'consumer.mjs', object).trim()).toBe(expected)
  })

  it('parses an object from a CommonJS consumer', () => {
    writeFileSync(
      join(project, 'consumer.cjs'),
      `const { parseElf } = require('@bpf/elf')
       const elf = parseElf(require('node:fs').readFileSync(process.argv[2]))
       console.log(${listSections})`,
    )
    expect(run('node', 'consumer.cjs', object).trim()).toBe(expected)
  })

  const chromium = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(path => existsSync(path))

  it.skipIf(chromium === undefined)('parses an object in a browser bundle (needs chromium)', { timeout: 90_000 }, async () => {
    const bytes = readFileSync(object).toString('base64')
    writeFileSync(
      join(project, 'consumer.ts'),
      `import { parseElf } from '@bpf/elf'
       const elf = parseElf(Uint8Array.from(atob('${bytes}'), c => c.charCodeAt(0)))
       document.body.textContent = ${listSections}`,
    )
    await build({
      entry: [join(project, 'consumer.ts')],
      outDir: project,
      format: 'iife',
      platform: 'browser',
      noExternal: [/.*/],
      silent: true,
      config: false,
    })
    writeFileSync(join(project, 'page.html'), '<body><script src="consumer.global.js"></script></body>')
    const flags = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ]
    const page = run(
      String(chromium),
      ...flags,
      `--user-data-dir=${join(project, 'profile')}`,
      '--dump-dom',
      `file://${join(project, 'page.html')}`,
    )
    expect(page).toContain(`<body>${expected}</body>`)
  })
})
