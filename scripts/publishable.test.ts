import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describePack, packAll, published } from './published.mjs'

const tarballs = mkdtempSync(join(tmpdir(), 'bpf-tarballs-'))

beforeAll(() => {
  execFileSync('node_modules/.bin/turbo', ['run', 'build', '--output-logs=errors-only'], { stdio: 'ignore' })
  packAll(tarballs)
}, 600_000)

afterAll(() => rmSync(tarballs, { recursive: true }))

describe.each(published)('$manifest.name', ({ directory, manifest }) => {
  it('says what it is, where it lives, for which Node and under which licence', () => {
    expect(manifest).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      description: expect.any(String),
      license: 'Apache-2.0',
      type: 'module',
      sideEffects: false,
      engines: { node: '>=20.19' },
      repository: { type: 'git', directory },
    })
    expect(manifest.keywords.length).toBeGreaterThan(2)
    const changelog = readFileSync(`${directory}/CHANGELOG.md`, 'utf8')
    expect(changelog).toContain(`# ${manifest.name}\n`)
    expect(changelog).toContain(`\n## ${manifest.version}\n`)
  })

  it('packs what is needed and nothing else', { timeout: 60_000 }, () => {
    const files = describePack(directory).files.map(({ path }: { path: string }) => path)
    expect(files).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md']))
    const others = files.filter((path: string) => !/^(package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/.+)$/.test(path))
    expect(others).toEqual([])
    expect(files.filter((path: string) => /\.test\.|\/testing\/|(?<!\.d)\.ts$/.test(path))).toEqual([])
  })

  it('is what publint expects of a published package', { timeout: 60_000 }, async () => {
    const { messages, pkg } = await publint({ pkgDir: directory, strict: true, pack: false })
    expect(messages.map(message => formatMessage(message, pkg ?? {}))).toEqual([])
  })

  it.runIf('.' in manifest.exports)('has types that fit its code, for whoever imports ES modules', { timeout: 60_000 }, async () => {
    const file = `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`
    const result = await checkPackage(createPackageFromTarballData(readFileSync(join(tarballs, file))))
    expect(result.types).not.toBe(false)
    const problems = 'problems' in result ? result.problems : []
    // There is no CommonJS here, and no resolution without `exports`, as that of Node 10.
    const isOurs = (problem: (typeof problems)[number]) =>
      !('resolutionKind' in problem && ['node10', 'node16-cjs'].includes(problem.resolutionKind)) && problem.kind !== 'CJSResolvesToESM'
    expect(problems.filter(isOurs)).toEqual([])
  })
})

it('the sizes in docs/sizes.md are those of the packages', { timeout: 120_000 }, () => {
  expect(existsSync('docs/sizes.md')).toBe(true)
  expect(spawnSync('node', ['scripts/sizes.mjs', '--check'], { encoding: 'utf8' }).stdout).toBe('')
})
