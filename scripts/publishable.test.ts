import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { beforeAll, describe, expect, it } from 'vitest'

const packages = ['packages', 'apps']
  .flatMap(folder => readdirSync(folder).map(name => `${folder}/${name}`))
  .filter(directory => existsSync(`${directory}/package.json`))
  .map(directory => ({ directory, manifest: JSON.parse(readFileSync(`${directory}/package.json`, 'utf8')) }))
  .filter(({ manifest }) => manifest.private !== true)

beforeAll(() => {
  execFileSync('node_modules/.bin/turbo', ['run', 'build', '--output-logs=errors-only'], { stdio: 'ignore' })
}, 300_000)

describe.each(packages)('$manifest.name', ({ directory, manifest }) => {
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
    for (const file of ['README.md', 'LICENSE']) expect(existsSync(`${directory}/${file}`), file).toBe(true)
  })

  it('is what publint expects of a published package', { timeout: 60_000 }, async () => {
    const { messages, pkg } = await publint({ pkgDir: directory, strict: true, pack: false })
    expect(messages.map(message => formatMessage(message, pkg ?? {}))).toEqual([])
  })
})
