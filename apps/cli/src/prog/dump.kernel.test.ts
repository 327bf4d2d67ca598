import { execFileSync } from 'node:child_process'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { createSys, ids } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { pinObject } from '../testing/pinned-object'
import { runCli } from '../testing/run-cli'

describe.skipIf(process.getuid?.() !== 0)('bpf prog dump (needs root)', () => {
  const sys = createSys()
  failOnLeaks(kind => ids(sys, kind))

  it('shows the instructions with source lines, helpers and maps', async () => {
    using object = await pinObject('examples/execsnoop.o')
    const { code, out } = await runCli('prog', 'dump', 'pinned', `${object.directory}/programs/on_exec`)
    expect(code).toBe(0)
    expect(out[0]).toMatch(/^on_exec \(section tracepoint, \d+ slots\)$/)
    expect(out).toContain('; event->timestamp_ns = bpf_ktime_get_ns();')
    expect(out.join('\n')).toMatch(/map \d+ events/)
    expect(out.join('\n')).toMatch(/call .*bpf_ktime_get_ns|call .*bpf_ringbuf_reserve/)
  })

  it('has the instructions that bpftool has', async () => {
    using object = await pinObject('examples/execsnoop.o')
    const path = `${object.directory}/programs/on_exit`
    const { lines } = JSON.parse((await runCli('prog', 'dump', path, '--json')).out.join('\n'))
    const ours = lines.filter((line: { kind: string }) => line.kind === 'instruction').map((line: { bytes: string }) => line.bytes)
    const theirs = JSON.parse(execFileSync('bpftool', ['-j', 'prog', 'dump', 'xlated', 'pinned', path, 'opcodes'], { encoding: 'utf8' }))
    expect(ours).toHaveLength(theirs.filter((line: object) => 'disasm' in line).length)
  })

  it('shows native code, and draws the control flow', async () => {
    using object = await pinObject('examples/execsnoop.o')
    const path = `${object.directory}/programs/on_exec`
    const native = await runCli('prog', 'dump', 'jited', path)
    expect(native.out[0]).toMatch(/^bpf_prog_[0-9a-f]{16}_on_exec at 0x[0-9a-f]+, \d+ bytes$/)
    expect(native.out[1]).toMatch(/^ {5}0: {2}([0-9a-f]{2} ?){16}$/)
    expect((await runCli('prog', 'dump', path, '--cfg')).out[0]).toMatch(/^digraph/)
    expect((await runCli('prog', 'dump', path, '--svg')).out[0]).toMatch(/^<svg/)
    expect((await runCli('prog', 'dump', 'jited', path, '--svg')).code).toBe(2)
  })
})
