import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseBtf } from '@bpf/btf'
import { readObject } from '@bpf/object'
import { afterAll, describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli'

const scratch = mkdtempSync(join(tmpdir(), 'bpf-gen-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const object = (name: string) => fileURLToPath(new URL(`../../../../packages/fixtures/objects/${name}.o`, import.meta.url))
const output = (name: string) => join(scratch, name)

describe('bpf gen types', () => {
  it('prints a module with the object in it', async () => {
    const { code, out } = await runCli('gen', 'types', object('features/ring-kinds'))
    expect(code).toBe(0)
    expect(out).toContain('export interface RingKinds {')
    expect(out.some(line => /^ {2}'[A-Za-z0-9+/=]{100,}'$/.test(line))).toBe(true)
  })

  it('writes one beside the object, which it finds from there', async () => {
    writeFileSync(output('ring.bpf.o'), readFileSync(object('features/ring-kinds')))
    const { code, out, notes } = await runCli('gen', 'types', output('ring.bpf.o'), '--beside', '-o', output('ring.ts'))
    expect({ code, out }).toEqual({ code: 0, out: [] })
    expect(notes).toEqual([expect.stringMatching(/^wrote .*ring\.ts, \d+ bytes$/)])
    expect(readFileSync(output('ring.ts'), 'utf8')).toContain(
      "openObject<Ring>(new URL('./ring.bpf.o', import.meta.url), { name: 'ring', ...options })",
    )
  })

  it('types the records of buffers whose definitions do not say it', async () => {
    const untyped = await runCli('gen', 'types', object('features/untyped-records'), '--beside')
    expect(untyped.out).toContain('    readonly events: Uint8Array')
    expect(untyped.notes).toContain('events has no declared type; name one with --type events=STRUCT (candidates: event)')
    const typed = await runCli('gen', 'types', object('features/untyped-records'), '--beside', '--type', 'events=event')
    expect(typed.out).toContain('    readonly events: Event')
    expect(typed.notes.join()).not.toContain('--type events')
  })

  it('says that there is no BTF', async () => {
    const { code, notes } = await runCli('gen', 'types', object('object/data-no-btf'))
    expect(code).toBe(0)
    expect(notes).toContainEqual(expect.stringContaining('the object has no BTF'))
  })
})

it('bpf gen vmlinux prints a header of the types in a file', async () => {
  const { code, out } = await runCli('gen', 'vmlinux', '--btf', object('core/fields-target'))
  expect(code).toBe(0)
  expect(out).toEqual(expect.arrayContaining(['#ifndef __VMLINUX_H__', expect.stringMatching(/^struct \w+ \{$/)]))
})

describe('bpf gen min-btf', () => {
  it('keeps what the relocations of the objects look at', async () => {
    const btf = object('core/fields-target')
    expect((await runCli('gen', 'min-btf', '--btf', btf, '-o', output('small.btf'), object('core/fields'))).code).toBe(0)
    const small = parseBtf(readFileSync(output('small.btf')))
    expect(small.endId).toBeGreaterThan(1)
    const { code } = await runCli('explain', object('core/fields'), '--btf', output('small.btf'), '--json')
    expect(code).toBe(0)
  })

  it('takes the words of bpftool, in its order', async () => {
    const btf = object('core/fields-target')
    await runCli('gen', 'min-btf', '--btf', btf, '-o', output('ours.btf'), object('core/fields'))
    expect((await runCli('gen', 'min_core_btf', btf, output('theirs.btf'), object('core/fields'))).code).toBe(0)
    expect(readFileSync(output('theirs.btf'))).toEqual(readFileSync(output('ours.btf')))
    expect((await runCli('gen', 'min_core_btf', btf, output('theirs.btf'))).code).toBe(2)
  })

  it('writes one for each kernel into a directory', async () => {
    const kernels = ['core/fields-target', 'core/bitfields-target'].flatMap(name => ['--btf', object(name)])
    const directory = mkdtempSync(output('several-'))
    expect((await runCli('gen', 'min-btf', ...kernels, '-o', directory, object('core/fields'))).code).toBe(0)
    expect(readdirSync(directory)).toEqual(['bitfields-target.o', 'fields-target.o'])
  })

  it('makes the directory that is named as one', async () => {
    const args = ['gen', 'min-btf', '--btf', object('core/fields-target'), object('core/fields')]
    expect((await runCli(...args, '-o', output('new/btf/'))).code).toBe(0)
    expect(readdirSync(output('new/btf'))).toEqual(['fields-target.o'])
    const refused = await runCli(...args, '-o', `${output('new/btf/fields-target.o')}/`)
    expect(refused).toMatchObject({ code: 1, notes: [expect.stringMatching(/cannot be made: .*is a file/)] })
  })

  it.each([
    [['-o', 'x'], 'name the objects'],
    [[object('core/fields')], 'with -o'],
    [['--btf', 'a', '--btf', 'b', '-o', output('file'), object('core/fields')], 'is no directory'],
  ])('%j is refused', async (args, reason) => {
    const { code, notes } = await runCli('gen', 'min-btf', ...args)
    expect({ code, notes }).toEqual({ code: 2, notes: expect.arrayContaining([expect.stringContaining(reason)]) })
  })
})

describe('bpf gen object', () => {
  it('links objects into one', async () => {
    const { code, notes } = await runCli('gen', 'object', '-o', output('all.o'), object('link/main'), object('link/library'))
    expect({ code, notes }).toEqual({ code: 0, notes: [expect.stringMatching(/^wrote .*all\.o/)] })
    const spec = readObject(readFileSync(output('all.o')), { name: 'all' })
    expect(spec.programs.map(({ name }) => name).toSorted()).toEqual(['run', 'run_library'])
  })

  it('says which of them contradict each other', async () => {
    const { code, notes } = await runCli('gen', 'object', '-o', output('clash.o'), object('link/clash-1'), object('link/clash-2'))
    expect(code).toBe(1)
    expect(notes.join('\n')).toMatch(/clash-2\.o/)
  })

  it('needs a place that can be written', async () => {
    const { code, notes } = await runCli('gen', 'object', '-o', output('none/all.o'), object('link/main'))
    expect({ code, notes }).toEqual({
      code: 1,
      notes: expect.arrayContaining([expect.stringContaining('cannot be written: there is no such directory')]),
    })
  })
})
