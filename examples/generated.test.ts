import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readFixture } from '@bpf/fixtures'
import { genTypes, readObject } from '@bpf/object'
import { expect, it } from 'vitest'

const names = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter(entry => entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'))
  .map(({ name }) => name)

it.each(names)('%s has the types of its object: pnpm --filter @bpf/examples generate', async name => {
  const bytes = await readFixture(`examples/${name}.o`)
  const expected = genTypes(readObject(bytes, { name }), { object: { kind: 'embedded', bytes } })
  expect(readFileSync(join(import.meta.dirname, name, 'object.gen.ts'), 'utf8')).toBe(expected)
})

it.each(names)('%s is short, and says what it is', name => {
  const program = readFileSync(join(import.meta.dirname, name, 'main.ts'), 'utf8')
  expect(program.split('\n').length).toBeLessThan(80)
  expect(program).toMatch(/^\/\*\* [^\n]+\. (Usage: .*)?\*\/|^\/\*\* [^\n]+ \*\//)
  expect(readFileSync(join(import.meta.dirname, name, 'README.md'), 'utf8')).toContain(`# ${name}\n`)
})
