import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const inDirectory = (directory: string) =>
  readdirSync(join(root, directory)).flatMap(name => (name.endsWith('.md') ? [join(directory, name)] : []))
const pages = [...inDirectory('.'), ...inDirectory('docs')]
const readmes = ['packages', 'apps'].flatMap(directory =>
  readdirSync(join(root, directory)).flatMap(name =>
    existsSync(join(root, directory, name, 'README.md')) ? [join(directory, name, 'README.md')] : [],
  ),
)

const read = (page: string) => readFileSync(join(root, page), 'utf8')

describe('links to files of the repository', () => {
  it.each([...pages, ...readmes])('%s', page => {
    const prose = read(page).replace(/```[\s\S]*?```/g, '')
    const targets = [...prose.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(match => match[1] ?? '')
    const broken = targets.filter(target => !/^[a-z]+:/.test(target) && !existsSync(join(root, dirname(page), target)))
    expect(broken).toEqual([])
  })
})

describe('how loading works', () => {
  it('shows what bpf explain prints', () => {
    const printed = new Set(read('apps/cli/src/explain/golden/execsnoop.txt').split('\n'))
    const shown = [...read('docs/how-loading-works.md').matchAll(/^```text\n([\s\S]*?)^```/gm)].flatMap(match =>
      (match[1] ?? '').split('\n'),
    )
    expect(shown.length).toBeGreaterThan(15)
    expect(shown.filter(line => !printed.has(line))).toEqual([])
  })
})

/** TypeScript blocks of pages, each a file of its own. */
function blocksOf(files: readonly string[]) {
  return files.flatMap(page =>
    [...read(page).matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match, index) => ({
      file: join(root, `${page.replaceAll('/', '-')}-${index + 1}.ts`),
      text: `${match[1] ?? ''}\nexport {}\n`,
    })),
  )
}

describe('TypeScript in the documentation', () => {
  it('compiles as strictly as our own: every block is a program', () => {
    const blocks = blocksOf(pages)
    expect(blocks.length).toBeGreaterThan(8)
    expect(compile(blocks)).toEqual([])
  }, 120_000)

  it('compiles in the READMEs of packages, where blocks may go on from the text around them', () => {
    const blocks = blocksOf(readmes)
    expect(blocks.length).toBeGreaterThan(8)
    expect(compile(blocks).filter(problem => !isFromTheText(problem))).toEqual([])
  }, 120_000)
})

/** A name that the text around a block, or a block before it, has told the reader of, and what follows from not knowing it here. */
const isFromTheText = (problem: string): boolean => /Cannot find name|No value exists in scope|implicitly has an 'any' type/.test(problem)

/** What `bpf gen types` writes for the object that getting started is about. */
const generated = {
  file: join(root, 'opens.ts'),
  text: `import type { BpfObject, RingbufMap } from '@bpf/loader'
export declare function open(): BpfObject<{
  readonly maps: { readonly events: RingbufMap }
  readonly variables: { readonly target_pid: number }
  readonly records: { readonly events: { readonly pid: number; readonly comm: string; readonly path: string } }
  readonly programs: 'on_open'
}>
`,
}

function compile(blocks: readonly { readonly file: string; readonly text: string }[]): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), path => ts.sys.readFile(path))
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const paths = { '@bpf/test-harness': ['./apps/test-harness/src/index.ts'], '@bpf/*': ['./packages/*/src/index.ts'] }
  const settings: ts.CompilerOptions = {
    ...options,
    noEmit: true,
    composite: false,
    incremental: false,
    noUnusedLocals: false,
    allowImportingTsExtensions: true,
    paths,
    types: ['node'],
  }
  const host = ts.createCompilerHost(settings)
  const texts = new Map([generated, ...blocks].map(({ file, text }) => [file, text]))
  const { readFile, fileExists, getSourceFile } = host
  host.readFile = file => texts.get(file) ?? readFile(file)
  host.fileExists = file => texts.has(file) || fileExists(file)
  host.getSourceFile = (file, version, ...rest) => {
    const text = texts.get(file)
    return text === undefined ? getSourceFile(file, version, ...rest) : ts.createSourceFile(file, text, version)
  }
  const program = ts.createProgram([...texts.keys()], settings, host)
  return blocks.flatMap(({ file }) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(file)).map(({ messageText, start = 0, file: source }) => {
      const line = source?.getLineAndCharacterOfPosition(start).line ?? 0
      return `${relative(root, file)}:${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
    }),
  )
}
