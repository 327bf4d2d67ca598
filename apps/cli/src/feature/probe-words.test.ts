import { describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli'
import { parseProbeWords } from './probe-words'

const nothing = { full: false, unprivileged: false, macros: false, prefix: undefined }

describe('words behind bpf feature probe', () => {
  it('say what options say, in any order', () => {
    expect(parseProbeWords([], nothing)).toEqual(nothing)
    expect(parseProbeWords(['kernel', 'unprivileged', 'full'], nothing)).toEqual({ ...nothing, unprivileged: true, full: true })
    expect(parseProbeWords(['macros', 'prefix', 'MY_'], nothing)).toEqual({ ...nothing, macros: true, prefix: 'MY_' })
    expect(parseProbeWords(['full'], { ...nothing, unprivileged: true })).toEqual({ ...nothing, unprivileged: true, full: true })
  })

  it.each([
    [['probe', 'fast'], 'fast: not understood'],
    [['probe', 'dev', 'eth0'], 'dev: only the kernel can be asked'],
    [['probe', 'macros', 'prefix'], 'prefix: what follows is missing'],
    [['probe', 'macros', 'prefix', '1 2'], 'no name in C'],
    [['--prefix', 'MY_'], 'a prefix is for macros'],
    [['--macros', '--json'], 'macros are C, not JSON'],
    [['--against', 'obj.o', '--unprivileged'], '--against asks what this kernel has'],
    [['prob'], 'feature prob: what is that?'],
  ])('%j is refused', async (args, message) => {
    const { code, notes } = await runCli('feature', ...args)
    expect(code).toBe(2)
    expect(notes.join('\n')).toContain(message)
  })
})
