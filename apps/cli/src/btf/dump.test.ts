import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeBtf, type TypeId } from '@bpf/btf'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli'

const id = (n: number) => n as TypeId

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

  it('prints JSON', async () => {
    const [type] = JSON.parse((await runCli('btf', 'dump', 'file', file, '--format', 'json', '--type', '3')).out.join('\n'))
    expect(type).toMatchObject({ kind: 'enum', name: 'state', values: [{ name: 'RUNNING', value: '0' }] })
  })

  it('says what is wrong', async () => {
    expect((await runCli('btf', 'dump')).code).toBe(2)
    expect((await runCli('btf', 'dump', 'file', file, '--type', 'nothing')).notes[0]).toBe('error: there is no type nothing')
    expect((await runCli('btf', 'dump', 'file', file, '--format', 'xml')).code).toBe(2)
  })
})
