import { execFileSync } from 'node:child_process'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { createSys, ids } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { pinObject } from '../testing/pinned-object'
import { runCli } from '../testing/run-cli'

const json = ({ out }: { readonly out: readonly string[] }) => JSON.parse(out.join('\n'))

describe.skipIf(process.getuid?.() !== 0)('bpf btf dump of what is loaded (needs root)', () => {
  const sys = createSys()
  failOnLeaks(kind => ids(sys, kind))

  it.each([[[]], [['key']], [['value']], [['kv']], [['all']]])('prints what bpftool prints of a map: %j', async words => {
    using object = await pinObject('examples/syscall-count.o')
    const source = ['map', 'pinned', `${object.directory}/maps/syscalls`, ...words]
    const theirs = JSON.parse(execFileSync('bpftool', ['-j', 'btf', 'dump', ...source], { encoding: 'utf8' }))
    const ours = json(await runCli('btf', 'dump', ...source, '--bpftool-json'))
    expect(ours.types.length).toBeGreaterThan(0)
    expect(ours).toEqual(theirs)
  })

  it('prints what bpftool prints of a program', async () => {
    using object = await pinObject('examples/execsnoop.o')
    const source = ['prog', 'pinned', `${object.directory}/programs/on_exec`]
    const theirs = JSON.parse(execFileSync('bpftool', ['-j', 'btf', 'dump', ...source], { encoding: 'utf8' }))
    expect(json(await runCli('btf', 'dump', ...source, '--bpftool-json'))).toEqual(theirs)
    expect((await runCli('btf', 'dump', ...source, '--format', 'c')).out.join('\n')).toContain('struct exec_event')
  })

  it('refuses types that are named twice', async () => {
    using object = await pinObject('examples/syscall-count.o')
    const map = ['map', `${object.directory}/maps/syscalls`]
    expect((await runCli('btf', 'dump', ...map, 'key', '--root-id', '1')).code).toBe(2)
  })
})
