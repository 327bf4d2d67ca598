import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeBtf, type TypeId } from '@bpf/btf'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixture } from '../testing/pinned-object'
import { runCli } from '../testing/run-cli'

const id = (n: number) => n as TypeId

/** bpftool sign-extends the values of unsigned enums of 32 bits to 64. */
function withUnsignedValues(json: string): string {
  return json.replace(/"kind":"ENUM",[^\]]*\]/g, type =>
    type.replace(/(?<="val":)\d{20}/g, value => `${BigInt.asUintN(32, BigInt(value))}`),
  )
}

describe('bpf btf dump', () => {
  let directory: string
  let file: string

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'bpf-btf-dump-'))
    file = join(directory, 'small.btf')
    const member = { name: 'pid', type: id(1), bitOffset: 0, bitSize: 0 }
    const bytes = encodeBtf([
      { kind: 'int', name: 'int', size: 4, encoding: { signed: true } },
      { kind: 'struct', name: 'task', size: 4, members: [member] },
      { kind: 'enum', name: 'state', size: 4, signed: false, values: [{ name: 'RUNNING', value: 0n }] },
    ])
    writeFileSync(file, bytes)
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  it('takes all words of bpftool for C', async () => {
    const { code, out } = await runCli('btf', 'dump', 'file', file, 'format', 'c', 'unsorted')
    expect({ code, out }).toEqual({ code: 0, out: (await runCli('btf', 'dump', 'file', file, '--format', 'c')).out })
  })

  it('prints a line a type and a line a member', async () => {
    expect(await runCli('btf', 'dump', 'file', file)).toEqual({
      code: 0,
      notes: [],
      out: [
        '[1] int int size=4 encoding=signed bitOffset=0 bits=32',
        '[2] struct task size=4',
        '    pid type=1 bitOffset=0 bitSize=0',
        '[3] enum state size=4 signed=false',
        '    RUNNING value=0',
      ],
    })
  })

  it('prints C, of chosen types with what they need', async () => {
    const { out } = await runCli('btf', 'dump', 'file', file, '--format', 'c', '--type', 'task')
    expect(out).toContain('struct task {')
    expect(out.join('\n')).not.toContain('RUNNING')
  })

  it('takes the words that bpftool has behind a source', async () => {
    const words = await runCli('btf', 'dump', 'file', file, 'format', 'c', 'root_id', '2')
    expect(words).toEqual(await runCli('btf', 'dump', 'file', file, '--format', 'c', '--root-id', '2'))
    expect(words.code).toBe(0)
    expect((await runCli('btf', 'dump', 'file', file, 'format', 'xml')).notes.join()).toContain('one of raw, c, json')
    expect((await runCli('btf', 'dump', 'file', file, 'format', 'c', '--json')).notes.join()).toContain('several formats: c, json')
    expect(await runCli('btf', 'dump', 'file', file, '--json')).toEqual(await runCli('btf', 'dump', 'file', file, '--format', 'json'))
  })

  it('prints JSON', async () => {
    const [type] = JSON.parse((await runCli('btf', 'dump', 'file', file, '--format', 'json', '--type', '3')).out.join('\n'))
    expect(type).toMatchObject({ kind: 'enum', name: 'state', values: [{ name: 'RUNNING', value: '0' }] })
  })

  it('takes types by id', async () => {
    const byName = await runCli('btf', 'dump', 'file', file, '--format', 'c', '--type', 'task')
    expect(await runCli('btf', 'dump', 'file', file, '--format', 'c', '--root-id', '2')).toEqual(byName)
    expect((await runCli('btf', 'dump', 'file', file, '--root-id', '2', '--root-id', '3')).out).toHaveLength(4)
    expect((await runCli('btf', 'dump', 'file', file, '--root-id', '4')).notes[0]).toBe('error: there is no type 4')
    expect((await runCli('btf', 'dump', 'file', file, '--root-id', 'task')).code).toBe(2)
  })

  it("prints bpftool's JSON", async () => {
    const { out } = await runCli('btf', 'dump', 'file', file, '--bpftool-json', '--type', 'task')
    expect(JSON.parse(out.join('\n'))).toEqual({
      types: [{ id: 2, kind: 'STRUCT', name: 'task', size: 4, vlen: 1, members: [{ name: 'pid', type_id: 1, bits_offset: 0 }] }],
    })
  })

  it('prints large values in full', async () => {
    const large = join(directory, 'large.btf')
    const values = [{ name: 'ALL', value: 0xffff_ffff_ffff_ffffn }]
    writeFileSync(large, encodeBtf([{ kind: 'enum64', name: 'mask', size: 8, signed: false, values }]))
    expect((await runCli('btf', 'dump', 'file', large, '--bpftool-json')).out.join('\n')).toContain('"val":18446744073709551615')
  })

  it
    .skipIf(spawnSync('bpftool', ['version']).error !== undefined)
    .each([['core/bitfields.o'], ['checks/globals.o'], ['/sys/kernel/btf/vmlinux']])('prints what bpftool prints of %s', async path => {
    const source = path.startsWith('/') ? path : fixture(path)
    const theirs = execFileSync('bpftool', ['-j', 'btf', 'dump', 'file', source], { encoding: 'utf8', maxBuffer: 1 << 28 })
    const { out } = await runCli('btf', 'dump', 'file', source, '--bpftool-json')
    const [mine, wanted] = [out.join('\n'), withUnsignedValues(theirs)].map(text => JSON.parse(text).types)
    expect(mine).toHaveLength(wanted.length)
    // Of a hundred thousand types, only those that differ are worth a deep look.
    const differing = wanted.flatMap((type: object, i: number) => (JSON.stringify(type) === JSON.stringify(mine[i]) ? [] : [i]))
    expect(differing.map((i: number) => mine[i])).toEqual(differing.map((i: number) => wanted[i]))
  })

  it('says what is wrong', async () => {
    expect((await runCli('btf', 'dump', 'file')).code).toBe(2)
    expect((await runCli('btf', 'dump', 'map', 'name', 'counts', 'valeu')).code).toBe(2)
    expect((await runCli('btf', 'dump', 'file', file, '--format', 'c', '--bpftool-json')).code).toBe(2)
    expect((await runCli('btf', 'dump')).code).toBe(2)
    expect((await runCli('btf', 'dump', 'file', file, '--type', 'nothing')).notes[0]).toBe('error: there is no type nothing')
    expect((await runCli('btf', 'dump', 'file', file, '--format', 'xml')).code).toBe(2)
  })
})
