import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = process.getuid?.() === 0

/** A directory with Node, npm and what every shell script takes for granted. */
function bareMachine(): string {
  const directory = mkdtempSync(join(tmpdir(), 'bpf-bare-machine-'))
  const places = [dirname(process.execPath), ...(process.env['PATH'] ?? '').split(delimiter), '/bin']
  for (const name of ['node', 'npm', 'npx', 'sh', 'env', 'sed', 'dirname', 'uname']) {
    const found = places.map(place => join(place, name)).find(path => existsSync(path))
    if (found) symlinkSync(realpathSync(found), join(directory, name))
  }
  return directory
}

/** The ways in that the README names, from the repository's root. */
describe.skipIf(!root)('the README’s commands (need root)', () => {
  const object = 'packages/fixtures/objects/examples/execsnoop.o'

  it('npm start -- OBJ [options]', { timeout: 300_000 }, () => {
    const result = spawnSync('npm', ['start', '--silent', '--', object, '--for', '500ms', '--json'], { encoding: 'utf8' })
    expect(result.stderr).toContain('detached 2, unloaded 2')
    expect(result.status).toBe(0)
  })

  it('npm start on a machine that has neither pnpm nor anything else of ours', { timeout: 300_000 }, () => {
    const path = bareMachine()
    const env = { ...process.env, PATH: path }
    const result = spawnSync('npm', ['start', '--silent', '--', object, '--for', '100ms', '--json'], { encoding: 'utf8', env })
    rmSync(path, { recursive: true })
    expect(result.stderr).toContain('detached 2, unloaded 2')
    expect(result.status).toBe(0)
  })

  it('pnpm --filter cli start OBJ, with paths relative to where the user is', { timeout: 300_000 }, () => {
    const cwd = 'packages/fixtures/objects'
    const args = ['--yes', 'pnpm@10.34.9', '-s', '--filter', 'cli', 'start', 'examples/execsnoop.o', '--for', '500ms', '--json']
    const result = spawnSync('npx', args, { encoding: 'utf8', cwd })
    expect(result.stderr).toContain('detached 2, unloaded 2')
    expect(result.status).toBe(0)
    for (const line of result.stdout.split('\n').filter(Boolean)) expect(JSON.parse(line).map).toBe('events')
  })
})
