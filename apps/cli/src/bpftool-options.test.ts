import { describe, expect, it } from 'vitest'
import { translateBpftoolOptions } from './bpftool-options'
import { fixture } from './testing/pinned-object'
import { runCli } from './testing/run-cli'

describe('options of bpftool, in front of the command', () => {
  it.each([
    ['-j prog show', 'prog show --bpftool-json'],
    ['-jp -f map dump id 7', 'map dump id 7 --bpftool-json'],
    ['--json --pretty struct_ops dump', 'struct_ops dump --bpftool-json'],
    ['-j prog', 'prog --bpftool-json'],
    ['-j prog run id 7', 'prog run id 7 --json'],
    ['-j map freeze id 7', 'map freeze id 7'],
    ['-d prog load a.o /sys/fs/bpf/a', 'prog load a.o /sys/fs/bpf/a'],
    ['-B vmlinux btf dump file nf.btf', 'btf dump file nf.btf --base vmlinux'],
    ['-j', '-j'],
    ['-j porg show', '-j porg show'],
    ['-x prog show', '-x prog show'],
  ])('%s', (theirs, ours) => {
    expect(translateBpftoolOptions(theirs.split(' ')).join(' ')).toBe(ours)
  })

  it('are understood by the command', async () => {
    const file = ['btf', 'dump', 'file', fixture('core/fields.o')]
    expect(await runCli('-j', ...file)).toEqual(await runCli(...file, '--bpftool-json'))
    expect((await runCli('-j')).code).toBe(2)
  })
})
