import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { runCli, runCliOn } from '../testing/run-cli'
import { expectToMatchSchema } from '../testing/schema'

const objects = new URL('../../../../packages/fixtures/objects/', import.meta.url)
const fixture = (path: string) => fileURLToPath(new URL(path, objects))

/** On a kernel that is made of files, so that it is the same everywhere. */
const explain = (path: string, types: string, ...args: string[]) =>
  runCli('explain', fixture(path), '--btf', fixture(types), '--kernel', '6.12', ...args)

const withoutPaths = (lines: readonly string[]) => lines.join('\n').replaceAll(fileURLToPath(objects), '')

describe('bpf explain', () => {
  it.each([
    ['execsnoop', 'examples/execsnoop.o', 'examples/execsnoop.o'],
    ['legacy', 'legacy/tail-calls.o', 'examples/execsnoop.o'],
    ['core', 'core/fields.o', 'core/fields-target.o'],
  ])('tells how %s is loaded', async (name, path, types) => {
    const { code, out } = await explain(path, types)
    expect(code).toBe(0)
    await expect(`${withoutPaths(out)}\n`).toMatchFileSnapshot(`golden/${name}.txt`)
  })

  it.each([
    ['execsnoop', 'examples/execsnoop.o', 'examples/execsnoop.o'],
    ['core', 'core/fields.o', 'core/fields-target.o'],
  ])('fits a terminal of 80 columns: %s', async (name, path, types) => {
    const { out } = await runCliOn(80, 'explain', fixture(path), '--btf', fixture(types), '--kernel', '6.12')
    const text = withoutPaths(out)
    await expect(`${text}\n`).toMatchFileSnapshot(`golden/${name}-80.txt`)
    expect(Math.max(...text.split('\n').map(line => line.length))).toBeLessThanOrEqual(80)
  })

  it.each([
    'examples/execsnoop.o',
    'legacy/programs.o',
    'core/candidates.o',
    'object/maps.o',
    'attach/struct-ops.o',
    'object/jump-table.o',
  ])('prints the same as JSON: %s', async path => {
    const { out } = await explain(path, 'core/fields-target.o', '--json')
    expectToMatchSchema(JSON.parse(out.join('\n')), 'explain')
  })

  it('explains one program of several', async () => {
    const { out } = await explain('examples/execsnoop.o', 'examples/execsnoop.o', '--only', 'on_exit', '--json')
    const { steps } = JSON.parse(out.join('\n'))
    expect(steps.filter((step: { command?: string }) => step.command === 'BPF_PROG_LOAD')).toHaveLength(1)
  })

  it('explains as much as there is to know without the types of a kernel', async () => {
    const { code, out } = await explain('core/fields.o', 'examples/execsnoop.o')
    expect(code).toBe(0)
    expect(out.join('\n')).toContain('CO-RE field byte offset')
  })

  it.each([
    [['--kernel', 'new'], 2, '--kernel new: not a version'],
    [['--btf', '/nonexistent'], 1, '/nonexistent: no such file'],
    [['--btf', fileURLToPath(import.meta.url)], 2, 'neither BTF nor ELF'],
    [['--only', 'on_exek'], 1, 'did you mean "on_exec"'],
  ])('refuses %j', async (args, code, message) => {
    const result = await runCli('explain', fixture('examples/execsnoop.o'), ...args)
    expect(result.code).toBe(code)
    expect(result.notes.join('\n')).toContain(message)
  })
})
