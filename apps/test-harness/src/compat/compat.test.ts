import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseElf, sectionByName, sectionData } from '@bpf/elf'
import { readFixture } from '@bpf/fixtures'
import type { Io } from '@bpf/terminal'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findBtfFiles } from './btf-files'
import { fromFile } from './kernel-btf'
import { runCompat } from './run'

/** BTF of make-believe kernels: one that has the types of fields.bpf.c, one that has others. */
let directory: string

async function writeBtf(path: string, fixture: string) {
  const elf = parseElf(await readFixture(fixture))
  const section = sectionByName(elf, '.BTF')
  mkdirSync(dirname(join(directory, path)), { recursive: true })
  writeFileSync(join(directory, path), section ? sectionData(elf, section) : '')
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'compat-'))
  await writeBtf('6.1.btf', 'core/fields-target.o')
  await writeBtf('debian/5.10.0-30-amd64.btf', 'core/types-target.o')
  writeFileSync(join(directory, 'fields.o'), await readFixture('core/fields.o'))
  writeFileSync(join(directory, 'README'), 'not BTF')
})

afterAll(() => rmSync(directory, { recursive: true }))

function run(json: boolean) {
  const out: string[] = []
  const io: Io = {
    out: line => out.push(line),
    note: line => out.push(line),
    write: () => {},
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    columns: () => 100,
    style: (_, text) => text,
    resolvePath: path => path,
  }
  const code = runCompat(join(directory, 'fields.o'), { kernels: findBtfFiles(directory).map(fromFile), json }, io)
  return { code, out }
}

describe('findBtfFiles', () => {
  it('finds BTF by its magic, the oldest kernel first, and takes versions from names', () => {
    expect(findBtfFiles(directory).map(({ name, version }) => [name, version])).toEqual([
      ['5.10.0-30-amd64', '5.10.0'],
      ['6.1', '6.1'],
    ])
    expect(findBtfFiles(join(directory, '6.1.btf'))).toHaveLength(1)
  })

  it('says when there is none', () => {
    expect(() => findBtfFiles(join(directory, 'README'))).toThrow('holds no BTF')
    expect(() => findBtfFiles(join(directory, 'nowhere'))).toThrow('cannot be read')
  })
})

describe('bpf-test compat', () => {
  it('shows programs by kernels, what is missing, and whether the program asks first', () => {
    const { code, out } = run(false)
    expect(code).toBe(1)
    expect(out.slice(0, 7)).toEqual([
      'PROGRAM    5.10.0-30-amd64  6.1',
      'offsets    ✗                ✓',
      'sizes      ✗                ✓',
      'existence  ✓                ✓',
      'signs      ✗                ✓',
      'loads      ✗                ✓',
      'guarded    ✗                ✓ guarded',
    ])
    expect(out).toContain('! guarded: struct task.gone is not there, but the program asks first  ./core/fields.bpf.c:153  (6.1)')
    expect(out).toContain('    task: no member gone')
    expect(out.some(line => line.startsWith('✗ offsets: struct task.'))).toBe(true)
  })

  it('says which features the object needs, and which kernels are too old for them', async () => {
    await writeBtf('4.4.btf', 'core/types-target.o')
    try {
      const { out } = run(false)
      const { lowestKernel, requirements, kernels } = JSON.parse(run(true).out.join('\n'))
      expect(out).toContain(`needs features of Linux ${lowestKernel}`)
      expect(requirements).toContainEqual(expect.objectContaining({ kind: 'program type', since: expect.any(String) }))
      const [oldest, , newest] = kernels
      expect(oldest.newer.length).toBeGreaterThan(newest.newer.length)
      expect(out.some(line => /^! .* came with Linux [\d.]+: .*\(4\.4/.test(line))).toBe(true)
    } finally {
      rmSync(join(directory, '4.4.btf'))
    }
  })

  it('as JSON', () => {
    const { object, kernels } = JSON.parse(run(true).out.join('\n'))
    expect(object).toBe('fields.o')
    expect(kernels[1].programs.find((p: { program: string }) => p.program === 'guarded')).toMatchObject({
      status: 'loads',
      relocations: expect.arrayContaining([
        expect.objectContaining({ path: 'struct task.gone', fate: 'guarded', mismatches: ['task: no member gone'] }),
      ]),
    })
  })
})
