import { execFileSync, spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli'

const groups = [['prog_types'], ['map_types'], ['attach_types'], ['link_types'], ['helpers']]

describe('bpf feature list_builtins', () => {
  it.each(groups)('prints names a line, or as JSON: %s', async group => {
    const { code, out } = await runCli('feature', 'list_builtins', group)
    expect(code).toBe(0)
    expect(JSON.parse((await runCli('feature', 'list_builtins', group, '--json')).out.join('\n'))).toEqual(out)
    expect(new Set(out).size).toBe(out.length)
  })

  // Newer than the bpftool at hand, we know more; the order is the kernel's.
  it.skipIf(spawnSync('bpftool', ['version']).error !== undefined).each(groups)('knows what bpftool knows: %s', async group => {
    const theirs: string[] = JSON.parse(execFileSync('bpftool', ['-j', 'feature', 'list_builtins', group], { encoding: 'utf8' }))
    const { out } = await runCli('feature', 'list_builtins', group)
    expect(out.slice(0, theirs.length)).toEqual(theirs)
  })

  it('says what there is to list', async () => {
    const { code, notes } = await runCli('feature', 'list_builtins', 'maps')
    expect(code).toBe(2)
    expect(notes.join('\n')).toContain('list_builtins prog_types|map_types')
    expect((await runCli('feature', 'prob')).code).toBe(2)
  })
})
