import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Btf, dumpC, type Layout, type LayoutMember, layoutOf, parseBtf } from '@bpf/btf'
import { readFixture } from '@bpf/fixtures'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** A C header made of BTF must compile, and give every type the size and every member the place that BTF says. */

const vmlinux = '/sys/kernel/btf/vmlinux'
const compiler = ['clang-19', 'clang'].find(isInstalled)
const objcopy = ['llvm-objcopy-19', 'llvm-objcopy'].find(isInstalled)

function isInstalled(command: string): boolean {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0
}

/** Structs and unions by what C calls them, but for those that share their tag with another type and so get a new name. */
function layouts(btf: Btf): Map<string, Layout> {
  const found = new Map<string, Layout>()
  for (let id = 1; id < btf.endId; id++) {
    const type = btf.type(id)
    if ((type.kind !== 'struct' && type.kind !== 'union') || type.name === '') continue
    if (btf.idsByName(type.name, 'struct', 'union', 'enum', 'enum64').length === 1)
      found.set(`${type.kind} ${type.name}`, layoutOf(btf, id))
  }
  return found
}

function membersOf({ rows }: Layout): LayoutMember[] {
  return rows.filter(row => row.kind === 'member')
}

const hasBitfields = (layout: Layout): boolean => membersOf(layout).some(({ bits }) => bits !== undefined)

/** Name and place of each member of a struct. */
function places(layout: Layout | undefined): string[] {
  if (layout === undefined) return ['no such type']
  const members = membersOf(layout).filter(({ name }) => name !== '')
  return [`size ${layout.size}`, ...members.map(({ name, offset, bits }) => `${name} at ${offset * 8 + (bits?.offset ?? 0)}:${bits?.size}`)]
}

const unmet = [compiler ? [] : ['clang'], objcopy ? [] : ['llvm-objcopy']].flat()
const needs = unmet.length > 0 ? ` (needs ${unmet.join(' and ')})` : ''

describe.skipIf(unmet.length > 0)(`a header made of BTF${needs}`, () => {
  let directory = ''
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'bpf-header-'))
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  function compile(source: string, ...flags: string[]): string {
    writeFileSync(join(directory, 'check.c'), `#include "types.h"\n${source}`)
    const common = ['--target=bpfel', '-Werror', '-Wno-visibility', '-Wno-missing-declarations']
    return execFileSync(compiler ?? '', [...common, ...flags, 'check.c'], { cwd: directory, encoding: 'utf8' })
  }

  /** Sizes and byte offsets, by assertions that clang checks. */
  function checkOffsets(known: ReadonlyMap<string, Layout>): void {
    const lines = Array.from(known, ([name, layout]) => [
      `_Static_assert(sizeof(${name}) == ${layout.size}, "");`,
      ...membersOf(layout)
        .filter(member => member.name !== '' && member.bits === undefined)
        .map(member => `_Static_assert(__builtin_offsetof(${name}, ${member.name}) == ${member.offset}, "");`),
    ])
    expect(lines.length).toBeGreaterThan(0)
    compile(lines.flat().join('\n'), '-fsyntax-only')
  }

  /** Bitfields, which have no offset in C, by the BTF that clang makes of them. */
  function checkBitfields(known: ReadonlyMap<string, Layout>): void {
    const names = [...known.keys()].filter(name => hasBitfields(known.get(name) as Layout))
    const members = names.map((name, index) => `${name} m${index};`)
    compile(`struct __checked { ${members.join('\n')} } __checked;`, '-g', '-c', '-o', 'check.o')
    execFileSync(objcopy ?? '', ['--dump-section', '.BTF=check.btf', 'check.o', '/dev/null'], { cwd: directory })
    const compiled = layouts(parseBtf(new Uint8Array(readFileSync(join(directory, 'check.btf')))))
    expect(names.length).toBeGreaterThan(0)
    for (const name of names) expect([name, ...places(compiled.get(name))]).toEqual([name, ...places(known.get(name))])
  }

  function check(btf: Btf): void {
    writeFileSync(join(directory, 'types.h'), dumpC(btf))
    const known = layouts(btf)
    checkOffsets(known)
    checkBitfields(known)
  }

  it('of types that are easily laid out wrongly', async () => {
    check(parseBtf(await readFixture('btf/types.btf')))
  })

  it.skipIf(!existsSync(vmlinux))(`of the running kernel${existsSync(vmlinux) ? '' : ` (needs ${vmlinux})`}`, { timeout: 300_000 }, () => {
    const btf = parseBtf(new Uint8Array(readFileSync(vmlinux)))
    check(btf)
  })
})

const bpftool = isInstalled('bpftool') ? 'bpftool' : undefined
const hasVmlinux = existsSync(vmlinux)
const missing = [bpftool ? [] : ['bpftool'], hasVmlinux ? [] : [vmlinux]].flat()

/** Every definition of a header by what it defines: tags with their members or values, typedefs. */
function definitions(header: string): Map<string, string> {
  const pattern = /^(?:(struct|union|enum) (\w+) \{(?:\n[\s\S]*?\n)?\}[^;\n]*|typedef [^\n]*?\b(\w+)(?:\[\d+\])*);$/gm
  return new Map(
    Array.from(header.matchAll(pattern), ([text, keyword, tag, name]) => [
      keyword === undefined ? `typedef ${name}` : `${keyword} ${tag}`,
      withoutStyle(text),
    ]),
  )
}

/** Padding can be written in several ways, and whether it leads to the same layout is the compiler's to say, above. */
function withoutStyle(definition: string): string {
  return definition
    .replace(/^\s*(?:(?:char|short|int|long): \d+|char __hole_\d+\[\d+\]);$/gm, '')
    .replace(/struct \{\s*\};/g, '')
    .replace(/ ?__attribute__\(\(mode\(\w+\)\)\)/g, '')
    .replaceAll('* (', '*(')
    .replace(/\s+/g, ' ')
}

/** BPF's own is of another size: bpftool leaves the kernel's out, and what is made of it changes. */
const isVaList = (name: string): boolean => /^typedef (?:va_list|__builtin_va_list(?:___2)?)$/.test(name)

it.skipIf(missing.length > 0)(
  `a header of the running kernel defines what that of bpftool defines${missing.length > 0 ? ` (needs ${missing.join(' and ')})` : ''}`,
  { timeout: 120_000 },
  () => {
    const args = ['btf', 'dump', 'file', vmlinux, 'format', 'c']
    const theirs = definitions(execFileSync(bpftool ?? '', args, { encoding: 'utf8', maxBuffer: 1 << 28 }))
    const ours = definitions(dumpC(parseBtf(new Uint8Array(readFileSync(vmlinux)))))
    for (const name of [...theirs.keys(), ...ours.keys()].filter(isVaList)) for (const all of [theirs, ours]) all.delete(name)
    expect(theirs.size).toBeGreaterThan(5000)
    expect([...ours.keys()].toSorted()).toEqual([...theirs.keys()].toSorted())
    expect([...theirs].filter(([name, text]) => ours.get(name) !== text)).toEqual([])
  },
)
