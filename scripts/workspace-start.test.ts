import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'

const root = process.getuid?.() === 0

/** The ways in that the README names, from the repository's root. */
describe.skipIf(!root)('the README’s commands (need root)', () => {
  const object = 'packages/fixtures/objects/examples/execsnoop.o'

  it('npm start -- OBJ [options]', { timeout: 300_000 }, () => {
    const result = spawnSync('npm', ['start', '--silent', '--', object, '--for', '500ms', '--json'], { encoding: 'utf8' })
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
