import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { expect, it, onTestFinished } from 'vitest'

const runner = `exports.runner = async (args, { atEnd, importModule }) => {
  const { basename } = require('node:path')
  const { size } = await importModule('./size.mjs')
  console.log(args.map(path => basename(path)).join(), size)
  atEnd()
}`

it('runs the runner with its arguments, with and without the code of an earlier one', () => {
  const directory = mkdtempSync(join(tmpdir(), 'bpf-test-start-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const [start, kept] = ['start.cjs', 'runner.code'].map(name => join(directory, name)) as [string, string]
  buildSync({ entryPoints: [join(import.meta.dirname, 'start.ts')], outfile: start, format: 'cjs', platform: 'node' })
  writeFileSync(join(directory, 'runner.cjs'), runner)
  writeFileSync(join(directory, 'size.mjs'), 'export const size = 3')
  const run = () => execFileSync(process.execPath, [start, '/a/job', '/b/order'], { env: { TMPDIR: directory }, encoding: 'utf8' })

  expect(run()).toBe('job,order 3\n')
  const { size } = statSync(kept)
  expect(run()).toBe('job,order 3\n')
  truncateSync(kept, Math.floor(size / 2))
  expect(run()).toBe('job,order 3\n')
  expect(statSync(kept).size).toBe(size)
})
