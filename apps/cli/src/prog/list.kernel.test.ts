import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { createSys, ids } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { pinObject } from '../testing/pinned-object'
import { runCli } from '../testing/run-cli'
import { expectToMatchSchema } from '../testing/schema'

describe.skipIf(process.getuid?.() !== 0)('bpf prog list (needs root)', () => {
  const sys = createSys()
  failOnLeaks(kind => ids(sys, kind))

  it('says what is loaded and who holds it', async () => {
    using object = await pinObject('examples/execsnoop.o')
    const path = `${object.directory}/programs/on_exec`
    const { code, out } = await runCli('prog', 'list', '--json')
    const programs = JSON.parse(out.join('\n'))
    expectToMatchSchema(programs, 'prog-list')
    expect(code).toBe(0)
    expect(programs).toContainEqual(expect.objectContaining({ type: 'tracepoint', name: 'on_exec', gplCompatible: true, pinned: [path] }))
  })

  it('shows all about one, named by pin, id or tag', async () => {
    using object = await pinObject('examples/execsnoop.o')
    const path = `${object.directory}/programs/on_exec`
    const [program] = JSON.parse((await runCli('prog', 'show', 'pinned', path, '--json')).out.join('\n'))
    const byId = await runCli('prog', 'show', `${program.id}`)
    expect(byId.out[0]).toBe(`program ${program.id} on_exec`)
    expect(byId.out).toContainEqual(expect.stringMatching(/^ {2}type +tracepoint$/))
    expect((await runCli('prog', 'show', path)).out[0]).toBe(byId.out[0])
    const byTag = JSON.parse((await runCli('prog', 'show', 'tag', program.tag, '--json')).out.join('\n'))
    expect(byTag.map(({ id }: { id: number }) => id)).toContain(program.id)
  })

  it('says the same as bpftool, in its words', async () => {
    using object = await pinObject('examples/execsnoop.o')
    interface Listed {
      readonly loaded_at: number
      readonly pinned?: readonly string[]
    }
    const isOurs = ({ pinned }: Listed) => pinned?.some(path => path.startsWith(object.directory)) === true
    const theirs: Listed[] = JSON.parse(execFileSync('bpftool', ['-j', '-f', 'prog', 'show'], { encoding: 'utf8' })).filter(isOurs)
    const ours: Listed[] = JSON.parse((await runCli('prog', 'list', '--bpftool-json')).out.join('\n')).filter(isOurs)
    expect(theirs).toHaveLength(2)
    for (const [index, { loaded_at, ...program }] of ours.entries()) {
      const { loaded_at: loadedThen, ...other } = theirs[index] ?? { loaded_at: 0 }
      expect(program).toEqual(other)
      // Both reckon it from the time since boot, rounded in their own way.
      expect(Math.abs(loaded_at - loadedThen)).toBeLessThanOrEqual(1)
    }
    // What is named by itself stands by itself.
    const path = `${object.directory}/programs/on_exec`
    const { loaded_at: _then, ...one } = JSON.parse(
      execFileSync('bpftool', ['-j', '-f', 'prog', 'show', 'pinned', path], { encoding: 'utf8' }),
    )
    expect(JSON.parse((await runCli('prog', 'show', path, '--bpftool-json')).out.join('\n'))).toMatchObject(one)
  })

  it('says the same of programs of many types', async () => {
    using object = await pinObject('legacy/programs.o')
    const names = readdirSync(`${object.directory}/programs`)
    expect(names.length).toBeGreaterThan(8)
    for (const name of names) {
      const path = `${object.directory}/programs/${name}`
      const { loaded_at: _then, ...theirs } = JSON.parse(
        execFileSync('bpftool', ['-j', '-f', 'prog', 'show', 'pinned', path], { encoding: 'utf8' }),
      )
      expect(JSON.parse((await runCli('prog', 'show', path, '--bpftool-json')).out.join('\n'))).toMatchObject(theirs)
    }
  })

  it('says what a program says of itself, as bpftool does', async () => {
    using object = await pinObject('features/metadata.o')
    const path = `${object.directory}/programs/described`
    const metadata = { version: '1.2.3', build: 42 }
    expect(JSON.parse((await runCli('prog', 'show', path, '--json')).out.join('\n'))).toMatchObject([{ metadata }])
    expect((await runCli('prog', 'show', path)).out).toContainEqual(expect.stringMatching(/^ {2}metadata version +1\.2\.3$/))
    const theirs = JSON.parse(execFileSync('bpftool', ['-j', 'prog', 'show', 'pinned', path], { encoding: 'utf8' }))
    expect(theirs.metadata).toEqual(metadata)
    expect(JSON.parse((await runCli('prog', 'show', path, '--bpftool-json')).out.join('\n'))).toMatchObject({ metadata })
  })

  it('names what is near when there is no such program', async () => {
    using _ = await pinObject('examples/execsnoop.o')
    const { code, notes } = await runCli('prog', 'show', 'name', 'on_exek')
    expect(code).toBe(1)
    expect(notes).toEqual(['error: no program with name on_exek', expect.stringContaining('on_exec')])
    const missing = await runCli('prog', 'show', 'pinned', '/sys/fs/bpf/no-such-pin')
    expect(missing.notes[0]).toBe('error: nothing is pinned at /sys/fs/bpf/no-such-pin')
  })
})
