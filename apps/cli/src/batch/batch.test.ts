import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli'
import { expectToMatchSchema } from '../testing/schema'
import { parseBatch } from './parse'

const directory = mkdtempSync(join(tmpdir(), 'bpf-batch-'))
afterAll(() => rmSync(directory, { recursive: true }))

function file(text: string): string {
  const path = join(directory, 'commands')
  writeFileSync(path, text)
  return path
}

describe('bpf batch', () => {
  it('takes comments, continued lines, quotes and the name of the command', () => {
    const text = '# all\nbpf --version # now\n\nmap update \\\n counts key \'{"a": 1}\'\nbpftool prog "x y"z\n'
    expect(parseBatch(text)).toEqual([['--version'], ['map', 'update', 'counts', 'key', '{"a": 1}'], ['prog', 'x yz']])
    expect(() => parseBatch('prog\nmap "x')).toThrow('line 2: a quote does not end')
  })

  it('runs one after the other until one fails', async () => {
    const { code, out, notes } = await runCli('batch', 'file', file('--version\nfeatur\n--version\n'))
    expect({ code, lines: out.length }).toEqual({ code: 2, lines: 1 })
    expect(notes.at(-1)).toBe('featur failed: 1 more were not run')
  })

  it('goes on when told to, and says what came of each', async () => {
    const { code, out } = await runCli('batch', file('--version\nfeatur\n--version\n'), '--keep-going', '--json')
    const results = JSON.parse(out.join('\n'))
    expectToMatchSchema(results, 'batch')
    expect({ code, codes: results.map(({ exitCode }: { exitCode: number }) => exitCode) }).toEqual({ code: 2, codes: [0, 2, 0] })
    expect(results[0].output).toHaveLength(1)
  })

  it('wants a file', async () => {
    expect((await runCli('batch')).code).toBe(2)
    expect((await runCli('batch', join(directory, 'none'))).code).toBe(1)
  })
})
