import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Btf, type BtfType, parseBtf, typeName } from '@bpf/btf'
import { programTag } from '@bpf/insn'
import { fileTarget, plan, readObject } from '@bpf/object'
import { afterAll, describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli'

/** What our commands write, beside what bpftool writes of the same. */

const hasBpftool = spawnSync('bpftool', ['version'], { stdio: 'ignore' }).status === 0
const needs = hasBpftool ? '' : ' (needs bpftool)'
const vmlinux = '/sys/kernel/btf/vmlinux'
const hasVmlinux = existsSync(vmlinux)

const scratch = mkdtempSync(join(tmpdir(), 'bpf-gen-bpftool-'))
afterAll(() => rmSync(scratch, { recursive: true }))
const theirs = join(scratch, 'theirs')
const ours = join(scratch, 'ours')

const object = (name: string) => fileURLToPath(new URL(`../../../../packages/fixtures/objects/${name}.o`, import.meta.url))
const bpftool = (...args: string[]) => execFileSync('bpftool', args, { stdio: ['ignore', 'ignore', 'pipe'] })
async function bpf(...args: string[]): Promise<void> {
  const { code, notes } = await runCli(...args)
  if (code !== 0) throw new Error(notes.join('\n'))
}

/** Every type with what it consists of, by name: ids are each tool's own. */
function typesOf(path: string): string[] {
  const btf = parseBtf(new Uint8Array(readFileSync(path)))
  return Array.from({ length: btf.endId - 1 }, (_, index) => describeType(btf, btf.type(index + 1))).sort()
}

function describeType(btf: Btf, type: BtfType): string {
  const head = `${type.kind} ${type.name}`
  if ('members' in type) {
    const members = type.members.map(({ name, type: id, bitOffset, bitSize }) => `${typeName(btf, id)} ${name} at ${bitOffset}:${bitSize}`)
    return `${head} of ${type.size}: ${members.join(', ')}`
  }
  if ('values' in type) return `${head}: ${type.values.map(({ name, value }) => `${name}=${value}`).join(', ')}`
  return type.kind === 'array'
    ? `${head}[${type.length}] of ${typeName(btf, type.type)}`
    : 'type' in type
      ? `${head} ${typeName(btf, type.type)}`
      : head
}

describe.skipIf(!hasBpftool)(`bpf gen min-btf keeps what bpftool gen min_core_btf keeps${needs}`, () => {
  const run = async (name: string, kernel: string) => {
    bpftool('gen', 'min_core_btf', kernel, theirs, object(name))
    await bpf('gen', 'min-btf', '--btf', kernel, '-o', ours, object(name))
    return { ours: typesOf(ours), theirs: typesOf(theirs) }
  }

  it.each(['core/fields', 'core/bitfields', 'core/fields-clang14'])('of the types that %s is relocated to', async name => {
    const types = await run(name, object(`${name}-target`))
    expect(types.ours).toEqual(types.theirs)
    expect(types.ours.length).toBeGreaterThan(0)
  })

  it('and candidates that do not match, so that no module is asked in their stead', async () => {
    const types = await run('core/types', object('core/types-target'))
    expect(types.theirs.filter(type => !types.ours.includes(type))).toEqual([])
  })

  it.skipIf(!hasVmlinux).each(['examples/execsnoop', 'examples/file-audit'])(
    `of the running kernel, for %s${hasVmlinux ? '' : ` (needs ${vmlinux})`}`,
    async name => {
      const types = await run(name, vmlinux)
      expect(types.ours).toEqual(types.theirs)
    },
  )
})

/** What becomes of a linked object on a kernel that is the same for both. */
function facts(path: string) {
  const spec = readObject(new Uint8Array(readFileSync(path)), { name: 'linked' })
  const target = fileTarget({ vmlinux: readObject(readFileSync(object('core/fields-target'))).btf, version: '6.12' })
  const { programs, maps } = plan(spec, target, { keepGoing: true })
  const byName = <T extends { readonly name: string }>(list: readonly T[]) => list.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return {
    programs: byName(programs).map(program => {
      if (program.error !== undefined) return [program.name, program.error.code]
      const { name, code, type, expectedAttachType, funcInfo, lineInfo } = program
      return [name, programTag(code, { littleEndian: true }), type, expectedAttachType, funcInfo.length, lineInfo.length]
    }),
    maps: byName(maps).map(({ keyTypeId: _key, valueTypeId: _value, ...map }) => map),
    variables: byName(spec.variables).map(({ typeId: _, ...variable }) => variable),
    externs: byName(spec.externs).map(({ name, kind, weak }) => [name, kind, weak]),
  }
}

describe.skipIf(!hasBpftool)(`bpf gen object makes what bpftool gen object makes${needs}`, () => {
  it.each([
    ['object/maps'],
    ['object/data'],
    ['object/functions'],
    ['object/struct-ops'],
    ['checks/globals', 'checks/subprograms'],
    ['checks/subprograms', 'checks/globals'],
    ['core/fields', 'core/bitfields', 'core/types'],
    ['examples/execsnoop', 'examples/tcp-latency', 'examples/file-audit'],
    ['link/main-plain', 'link/library-plain'],
    ['link/library-plain', 'link/main-plain'],
  ])('of %s', async (...names) => {
    bpftool('gen', 'object', theirs, ...names.map(object))
    await bpf('gen', 'object', '-o', ours, ...names.map(object))
    expect(facts(ours)).toEqual(facts(theirs))
  })

  it.each([1, 2, 3, 4, 5, 6])('and refuses what it refuses: clash %i', async number => {
    const names = ['link/library-plain', `link/clash-${number}`].map(object)
    expect(() => bpftool('gen', 'object', theirs, ...names)).toThrow()
    expect((await runCli('gen', 'object', '-o', ours, ...names)).code).toBe(1)
  })
})
