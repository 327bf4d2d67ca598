import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

/**
 * The layering: what each package may import. An arrow points down this table, never up.
 * `@bpf/fixtures` is for tests; only `@bpf/sys` knows koffi; the pure packages know no `node:` module.
 */
const mayImport: Record<string, readonly string[]> = {
  bytes: [],
  elf: ['bytes'],
  btf: ['bytes'],
  insn: ['bytes'],
  object: ['bytes', 'elf', 'btf', 'insn'],
  sys: ['bytes'],
  kernel: ['bytes', 'sys', 'btf', 'elf'],
  maps: ['bytes', 'sys', 'btf', 'kernel'],
  attach: ['bytes', 'sys', 'kernel', 'btf', 'elf'],
  loader: ['bytes', 'elf', 'btf', 'insn', 'object', 'sys', 'kernel', 'maps', 'attach'],
}
const pure = ['bytes', 'elf', 'btf', 'insn', 'object']

interface Import {
  readonly file: string
  readonly specifier: string
  readonly test: boolean
}

function importsOf(name: string): Import[] {
  const files = readdirSync(`packages/${name}/src`, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => `packages/${name}/src/${file}`)
  return files.flatMap(file => {
    const source = readFileSync(file, 'utf8')
    const specifiers = [...source.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*['"]([^'"]+)['"]/g)].map(match => String(match[1]))
    return specifiers.map(specifier => ({ file, specifier, test: /\.(test|bench)\.ts$|\/testing\//.test(file) }))
  })
}

describe.each(Object.keys(mayImport))('@bpf/%s', name => {
  const imports = importsOf(name)

  it('imports only packages below it', () => {
    const allowed = (mayImport[name] ?? []).map(below => `@bpf/${below}`)
    // What packages below offer to tests is for tests alone.
    const allowedInTests = [...allowed, ...allowed.map(below => `${below}/testing`)]
    const isAllowed = ({ specifier, test }: Import) =>
      test ? allowedInTests.includes(specifier) || /^@bpf\/fixtures(\/|$)/.test(specifier) : allowed.includes(specifier)
    expect(imports.filter(i => i.specifier.startsWith('@bpf/') && !isAllowed(i))).toEqual([])
  })

  it('declares what it imports and nothing above it', () => {
    const manifest = JSON.parse(readFileSync(`packages/${name}/package.json`, 'utf8'))
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).filter(d => d.startsWith('@bpf/'))
    const allowed = [...(mayImport[name] ?? []).map(below => `@bpf/${below}`), '@bpf/fixtures']
    expect(declared.filter(d => !allowed.includes(d))).toEqual([])
  })

  it(name === 'sys' ? 'is the one that knows koffi' : 'does not import koffi', () => {
    const users = imports.filter(i => i.specifier === 'koffi').map(i => i.file)
    expect(users.length).toBe(name === 'sys' ? 1 : 0)
  })
})

describe.each(pure)('@bpf/%s', name => {
  it('imports no node: module', () => {
    expect(importsOf(name).filter(i => i.specifier.startsWith('node:'))).toEqual([])
  })
})

describe('@bpf/elf', () => {
  it('is published without dependencies: @bpf/bytes is inlined by its build', () => {
    const manifest = JSON.parse(readFileSync('packages/elf/package.json', 'utf8'))
    expect(manifest.dependencies ?? {}).toEqual({})
  })
})
