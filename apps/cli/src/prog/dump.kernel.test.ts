import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

  it.each(['examples/execsnoop.o', 'checks/subprograms.o'])('prints what bpftool prints, of %s', async path => {
    using object = await pinObject(path)
    const programs = readdirSync(`${object.directory}/programs`)
    expect(programs.length).toBeGreaterThan(0)
    for (const name of programs) {
      const pinned = `${object.directory}/programs/${name}`
      for (const option of ['opcodes', 'linum']) {
        const theirs = execFileSync('bpftool', ['-j', 'prog', 'dump', 'xlated', 'pinned', pinned, option], { encoding: 'utf8' })
        const { out } = await runCli('prog', 'dump', 'xlated', pinned, `--${option}`, '--bpftool-json')
        // bpftool writes a backslash as a line feed.
        const ours = out.join('\n').replaceAll(String.raw`\\`, String.raw`\n`)
        expect(JSON.parse(ours)).toEqual(JSON.parse(theirs))
      }
    }
  })

  it('shows calls of subprograms, and where source lines stand', async () => {
    using object = await pinObject('checks/subprograms.o')
    const [name] = readdirSync(`${object.directory}/programs`)
    const text = (await runCli('prog', 'dump', `${object.directory}/programs/${name}`, '--linum')).out.join('\n')
    expect(text).toMatch(/: {2}call pc[+-]0x[0-9a-f]+ <\w+>$/m)
    expect(text).not.toContain('.byte')
    expect(text).toMatch(/^; .* {2}\[\S+\.c:\d+:\d+\]$/m)
  })

  it('takes the words that bpftool has behind a program', async () => {
    using object = await pinObject('checks/subprograms.o')
    const [name] = readdirSync(`${object.directory}/programs`)
    const dump = (...words: string[]) => runCli('prog', 'dump', 'xlated', 'pinned', `${object.directory}/programs/${name}`, ...words)
    const { code, out } = await dump('opcodes', 'linum')
    expect([code, out]).toEqual([0, (await dump('--opcodes', '--linum')).out])
    expect((await dump('opcode')).notes.join('\n')).toContain('opcodes, linum, visual or file FILE may follow')
  })

  it('gives file, line and column in JSON when asked to', async () => {
    using object = await pinObject('examples/execsnoop.o')
    const { out } = await runCli('prog', 'dump', `${object.directory}/programs/on_exec`, '--linum', '--json')
    const [source] = JSON.parse(out.join('\n')).lines.filter(({ kind }: { kind: string }) => kind === 'source')
    expect(source).toMatchObject({ file: expect.stringMatching(/\.c$/), line: expect.any(Number), column: expect.any(Number) })
  })

  it('writes the bytes into a file', async () => {
    using object = await pinObject('examples/execsnoop.o')
    const path = `${object.directory}/programs/on_exec`
    const directory = mkdtempSync(join(tmpdir(), 'bpf-prog-dump-'))
    try {
      const [{ xlatedBytes, jitedBytes }] = JSON.parse((await runCli('prog', 'show', path, '--json')).out.join('\n'))
      for (const [form, bytes] of Object.entries({ xlated: xlatedBytes, jited: jitedBytes })) {
        const file = join(directory, form)
        expect((await runCli('prog', 'dump', form, path, '--file', file)).code).toBe(0)
        expect(readFileSync(file)).toHaveLength(bytes)
      }
      // Debian's bpftool is built without what it wants for native code, so only the other form can be compared.
      const theirs = join(directory, 'bpftool')
      execFileSync('bpftool', ['prog', 'dump', 'xlated', 'pinned', path, 'file', theirs])
      expect(readFileSync(join(directory, 'xlated')).equals(readFileSync(theirs))).toBe(true)
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  it('shows native code, and draws the control flow', async () => {
    using object = await pinObject('examples/execsnoop.o')
    const path = `${object.directory}/programs/on_exec`
    const native = await runCli('prog', 'dump', 'jited', path)
    expect(native.out[0]).toMatch(/^bpf_prog_[0-9a-f]{16}_on_exec at 0x[0-9a-f]+, \d+ bytes$/)
    expect(native.out[1]).toMatch(/^ {5}0: {2}([0-9a-f]{2} ?){16}$/)
    expect((await runCli('prog', 'dump', path, '--cfg')).out[0]).toMatch(/^digraph/)
    expect((await runCli('prog', 'dump', path, '--visual')).out).toEqual((await runCli('prog', 'dump', path, '--cfg')).out)
    expect((await runCli('prog', 'dump', path, '--svg')).out[0]).toMatch(/^<svg/)
    expect((await runCli('prog', 'dump', 'jited', path, '--svg')).code).toBe(2)
    expect((await runCli('prog', 'dump', 'jited', path, '--linum')).code).toBe(2)
    expect((await runCli('prog', 'dump', path, '--svg', '--json')).code).toBe(2)
  })
})
