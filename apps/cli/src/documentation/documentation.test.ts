import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { markdownPage } from '@bpf/terminal'
import { describe, expect, it } from 'vitest'
import { app } from '../app'
import { runCli } from '../testing/run-cli'

const page = fileURLToPath(new URL('../../../../docs/cli.md', import.meta.url))

describe('what is generated from the table of commands', () => {
  // `pnpm docs:cli` writes it anew.
  it('is docs/cli.md, which is up to date', async () => {
    await expect(markdownPage(app)).toMatchFileSnapshot(page)
  })

  it('is a completion script that bash takes', async () => {
    const { out } = await runCli('completion', 'bash')
    const { status, stderr } = spawnSync('bash', ['-n'], { input: out.join('\n'), encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  it.each(['zsh', 'fish'])('is a completion script for %s', async shell => {
    const { code, out } = await runCli('completion', shell)
    expect(code).toBe(0)
    expect(out.join('\n')).toContain('inspect')
  })

  it('is a manual page', async () => {
    const { out } = await runCli('man')
    expect(out[0]).toMatch(/^\.TH BPF 1/)
  })

  it.each([[[]], [['tcsh']]])('is nothing for other shells: %j', async args => {
    expect((await runCli('completion', ...args)).code).toBe(2)
  })
})
