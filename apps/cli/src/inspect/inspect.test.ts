import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { runCli, runCliOn } from '../testing/run-cli'
import { expectToMatchSchema } from '../testing/schema'

const objects = new URL('../../../../packages/fixtures/objects/', import.meta.url)
const fixture = (path: string) => fileURLToPath(new URL(path, objects))

const inspect = (path: string, ...args: string[]) => runCli('inspect', fixture(path), ...args)

async function inspectJson(path: string, ...args: string[]) {
  const { out } = await inspect(path, '--json', ...args)
  return JSON.parse(out.join('\n'))
}

describe('bpf inspect of an object', () => {
  it.each([
    ['execsnoop', 'examples/execsnoop.o', []],
    ['externs', 'object/externs.o', ['--relocations']],
    ['struct-ops', 'attach/struct-ops.o', []],
  ])('shows %s as tables', async (name, path, args) => {
    const { code, out } = await inspect(path, ...args)
    expect(code).toBe(0)
    await expect(`${out.join('\n')}\n`).toMatchFileSnapshot(`golden/${name}.txt`)
  })

  it('fits a terminal of 80 columns', async () => {
    const { out } = await runCliOn(80, 'inspect', fixture('examples/execsnoop.o'), '--relocations')
    await expect(`${out.join('\n')}\n`).toMatchFileSnapshot('golden/execsnoop-80.txt')
    expect(Math.max(...out.map(line => line.length))).toBeLessThanOrEqual(80)
  })

  it.each([
    'examples/execsnoop.o',
    'object/maps.o',
    'object/maps-be.o',
    'object/externs.o',
    'object/arena.o',
    'legacy/programs.o',
    'attach/struct-ops.o',
    'object/data-no-btf.o',
  ])('prints %s as JSON', async path => {
    expectToMatchSchema(await inspectJson(path), 'inspect-object')
  })

  it('finds the lowest kernel', async () => {
    const { lowestKernel, requirements } = await inspectJson('examples/execsnoop.o')
    expect(lowestKernel).toBe('5.8')
    expect(requirements[0]).toEqual({ kind: 'map type', name: 'ringbuf', since: '5.8', users: ['events'] })
  })

  it('shows only the relocations that are asked for', async () => {
    const { relocations } = await inspectJson('examples/execsnoop.o', '--match', 'events')
    expect(new Set(relocations.map((entry: { to: string }) => entry.to))).toEqual(new Set(['events']))
    expect((await inspect('examples/execsnoop.o', '--match', 'events')).out.join('\n')).toMatch(
      /^relocations\n.*\n {2}on_exec +\d+ +map +events$/m,
    )
  })

  it('names the fields that CO-RE records are about', async () => {
    const { core } = await inspectJson('examples/execsnoop.o', '--match', 'task_struct.tgid')
    expect(core[0]).toMatchObject({ type: 'struct task_struct', access: '0:1', path: 'struct task_struct.tgid' })
    expect((await inspect('examples/execsnoop.o', '--relocations')).out.join('\n')).toMatch(/field byte offset +struct task_struct.tgid$/m)
  })

  it('says so when nothing matches, with names that are near', async () => {
    const { code, notes } = await inspect('examples/execsnoop.o', '--match', 'event5')
    expect({ code, notes }).toEqual({ code: 0, notes: ['nothing matches "event5"', '  hint: did you mean events?'] })
    expect((await inspect('examples/execsnoop.o', '--match', 'nosuch', '--json')).notes).toEqual(['nothing matches "nosuch"'])
  })
})

describe('bpf inspect of an ordinary ELF file', () => {
  it('lists functions whose symbols are compressed in the file', async () => {
    const { functions } = await inspectJson('elf/probes-mini.elf', '--functions')
    expect(functions.map(({ name }: { readonly name: string }) => name)).toEqual(['_start', 'idle', 'request'])
    expect((await inspect('elf/probes-mini.elf', '--match', 'reqest')).notes.join('\n')).toContain('did you mean request')
  })

  it('lists functions for uprobes and USDT probes', async () => {
    const library = await inspect('elf/libshared.so', '--functions')
    expect(library.out.join('\n')).toMatch(/greet@SHARED_2 +0x570/)
    const program = await inspect('elf/probes.elf', '--usdt')
    expect(program.out.join('\n')).toMatch(/PROBE +OFFSET +SEMAPHORE +ARGUMENTS/)
  })

  it.each(['elf/libshared.so', 'elf/libshared-stripped.so', 'elf/probes.elf'])('prints %s as JSON', async path => {
    expectToMatchSchema(await inspectJson(path, '--functions'), 'inspect-elf')
  })

  it('lists what matches, and says so when nothing does', async () => {
    expect((await inspect('elf/libshared.so', '--match', 'greet')).out.join('\n')).toMatch(/greet@SHARED_2 +0x570/)
    const { out, notes } = await inspect('elf/libshared.so', '--match', 'great')
    expect(out.join('\n')).toContain('functions   0')
    expect(notes).toEqual(['nothing matches "great"', '  hint: did you mean greet?'])
  })

  it('says what a file may be that ends too early', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'inspect-')), 'half.o')
    const whole = readFileSync(fixture('examples/execsnoop.o'))
    writeFileSync(path, whole.subarray(0, whole.length / 2))
    const { code, notes } = await runCli('inspect', path)
    rmSync(dirname(path), { recursive: true })
    expect(code).toBe(1)
    expect(notes).toEqual([
      expect.stringMatching(/half\.o: 17 section headers at 0x\w+ are past the end of the file/),
      '  hint: the file seems to be cut short: build it, or copy it, once more',
    ])
  })

  it('says what a file is that is no ELF file', async () => {
    const { code, notes } = await runCli('inspect', fileURLToPath(import.meta.url))
    expect(code).toBe(1)
    expect(notes.join('\n')).toContain('not an ELF file but text')
  })
})
