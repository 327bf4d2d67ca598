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
  })
})

describe('bpf inspect of an ordinary ELF file', () => {
  it('lists functions for uprobes and USDT probes', async () => {
    const library = await inspect('elf/libshared.so', '--functions')
    expect(library.out.join('\n')).toMatch(/greet@SHARED_2 +0x570/)
    const program = await inspect('elf/probes.elf', '--usdt')
    expect(program.out.join('\n')).toMatch(/PROBE +OFFSET +SEMAPHORE +ARGUMENTS/)
  })

  it.each(['elf/libshared.so', 'elf/libshared-stripped.so', 'elf/probes.elf'])('prints %s as JSON', async path => {
    expectToMatchSchema(await inspectJson(path, '--functions'), 'inspect-elf')
  })

  it('says what a file is that is no ELF file', async () => {
    const { code, notes } = await runCli('inspect', fileURLToPath(import.meta.url))
    expect(code).toBe(1)
    expect(notes.join('\n')).toContain('not an ELF file but text')
  })
})
