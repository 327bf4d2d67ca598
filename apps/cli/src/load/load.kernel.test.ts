import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { createSys, ids } from '@bpf/sys'
import { afterEach, describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli'
import { expectToMatchSchema } from '../testing/schema'
import type { LoadDocument } from './document'

const fixture = (path: string) => fileURLToPath(new URL(`../../../../packages/fixtures/objects/${path}`, import.meta.url))

async function loadJson(...args: string[]): Promise<{ readonly code: number; readonly document: LoadDocument; readonly notes: string }> {
  const { code, out, notes } = await runCli('load', '--json', ...args)
  const document = JSON.parse(out.join('\n'))
  expectToMatchSchema(document, 'load')
  return { code, document, notes: notes.join('\n') }
}

describe.skipIf(process.getuid?.() !== 0)('bpf load (needs root)', () => {
  const sys = createSys()
  failOnLeaks(kind => ids(sys, kind))
  const pins: string[] = []
  afterEach(() => {
    for (const directory of pins.splice(0)) rmSync(directory, { recursive: true, force: true })
  })

  it('says what the kernel made of every map and program', async () => {
    const { code, document } = await loadJson(fixture('examples/execsnoop.o'))
    expect(code).toBe(0)
    expect(document.license).toBe('GPL')
    expect(document.maps[0]).toEqual({
      name: 'events',
      type: 'ringbuf',
      keySize: 0,
      valueSize: 0,
      maxEntries: 262144,
      flags: 0,
      id: expect.any(Number),
    })
    expect(document.programs.map(({ name, type, error }) => ({ name, type, error }))).toEqual([
      { name: 'on_exec', type: 'tracepoint', error: null },
      { name: 'on_exit', type: 'tracepoint', error: null },
    ])
    for (const { id, tag, xlatedBytes } of document.programs) {
      expect(id).toBeGreaterThan(0)
      expect(tag).toMatch(/^[0-9a-f]{16}$/)
      expect(xlatedBytes).toBeGreaterThan(0)
    }
  })

  it('ends with 3 and the source line when the verifier refuses a program', async () => {
    const { code, document, notes } = await loadJson(fixture('bad/verifier.o'))
    expect(code).toBe(3)
    expect(document.maps.map(map => map.id)).toEqual([null])
    expect(document.programs[0]).toMatchObject({
      id: null,
      error: {
        code: 'ERR_BPF_VERIFIER',
        summary: "R0 invalid mem access 'map_value_or_null'",
        source: { file: expect.stringContaining('verifier.bpf.c'), text: '*count += 1;' },
      },
    })
    expect(notes).toContain('compare the pointer')
  })

  it('shows the whole log of the verifier with --verbose', async () => {
    const { notes } = await runCli('load', '--verbose', fixture('bad/verifier.o'))
    expect(notes.join('\n')).toMatch(/processed \d+ insns/)
  })

  it('--keep-going tries the other programs too', async () => {
    const { code, document } = await loadJson('--keep-going', fixture('bad/helper.o'))
    expect(code).not.toBe(0)
    expect(document.programs.filter(program => program.error !== null)).toHaveLength(1)
    expect(document.maps.every(map => map.id !== null)).toBe(true)
  })

  it('changes map definitions, and leaves out and picks programs', async () => {
    const { document } = await loadJson('--map', 'events=max_entries:8192', '--skip', 'on_exit', fixture('examples/execsnoop.o'))
    expect(document.maps[0]?.maxEntries).toBe(8192)
    expect(document.programs.map(program => program.name)).toEqual(['on_exec'])
    const only = await loadJson('--only', 'on_exit', fixture('examples/execsnoop.o'))
    expect(only.document.programs.map(program => program.name)).toEqual(['on_exit'])
  })

  it('names the nearest when a map or program is misspelt', async () => {
    const { code, notes } = await runCli('load', '--skip', 'on_exek', fixture('examples/execsnoop.o'))
    expect(code).toBe(1)
    expect(notes.join('\n')).toContain('did you mean "on_exec"')
  })

  it('says what is not as the object means it, as start does', async () => {
    const object = fixture('legacy/numbered-names.o')
    const words = 'program "xdp_first": section xdp1 is taken for xdp'
    expect((await loadJson(object)).notes).toContain(`warning: ${words}`)
    const { notes } = await runCli('start', object, '--for', '1ms')
    expect(notes.join(' ').replace(/\s+/g, ' ')).toContain(`! warning ${words}`)
  })

  it('--btf relocates against types of a file', async () => {
    const object = fixture('core/fields.o')
    expect((await loadJson(object)).code).toBe(3)
    expect(await loadJson(object, '--btf', fixture('core/fields-target.o'))).toMatchObject({ code: 0 })
    const directory = mkdtempSync(join(tmpdir(), 'bpf-btf-'))
    try {
      copyFileSync(fixture('core/fields-target.o'), join(directory, `${release()}.btf`))
      expect(await loadJson(object, '--btf', directory)).toMatchObject({ code: 0 })
    } finally {
      rmSync(directory, { recursive: true })
    }
    expect((await runCli('load', object, '--btf', '/tmp/no-such.btf')).notes.join('\n')).toContain('/tmp/no-such.btf does not exist')
  })

  it.skipIf(!existsSync('/sys/fs/bpf'))('--pin-root shares maps by name, and is hinted at (needs a bpf file system)', async () => {
    const directory = mkdtempSync('/sys/fs/bpf/cli-load-')
    pins.push(directory)
    const object = fixture('features/shared-by-name.o')
    const alone = await loadJson(object)
    expect(alone.notes).toContain('--pin-root /sys/fs/bpf shares visits_of_all')
    const first = await loadJson(object, '--pin-root', directory)
    expect(first.notes).not.toContain('--pin-root')
    expect(readdirSync(directory)).toEqual(['visits_of_all'])
    expect((await loadJson(object, '--pin-root', directory)).document.maps[0]?.id).toBe(first.document.maps[0]?.id)
    const { code, notes } = await runCli('start', object, '--pin-root', directory, '--for', '1ms')
    expect({ code, found: notes.some(line => line.includes(`id ${first.document.maps[0]?.id}`)) }).toEqual({ code: 0, found: true })
  })

  it('creates nothing with --dry-run', async () => {
    const { code, document } = await loadJson('--dry-run', fixture('bad/verifier.o'))
    expect(code).toBe(0)
    expect(document.programs.map(({ id, error }) => ({ id, error }))).toEqual([{ id: null, error: null }])
  })

  it.skipIf(!existsSync('/sys/fs/bpf'))('--pin keeps what was loaded (needs a bpf file system)', async () => {
    const directory = mkdtempSync('/sys/fs/bpf/cli-load-')
    pins.push(directory)
    const { code, notes } = await runCli('load', '--pin', directory, fixture('examples/execsnoop.o'))
    expect(notes.at(-1)).toBe(`loaded 2 programs and 3 maps, pinned in ${directory}`)
    expect(code).toBe(0)
    expect(readdirSync(directory).sort()).toEqual(['maps', 'programs'])
  })
})
