/**
 * Starts the runner in a guest. Emulated processors take seconds to compile it, and each victim is a process of its own: what V8
 * made of it is kept, with all functions that a victim uses, for the victims that come after.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Script } from 'node:vm'
import type { runner } from '../run/runner'

const [, program = '', ...args] = process.argv
const file = join(dirname(program), 'runner.cjs')
const kept = join(tmpdir(), 'runner.code')
const exported: { runner?: typeof runner } = {}

const script = new Script(`(function (exports, require, module) {${readFileSync(file, 'utf8')}\n})`, {
  filename: file,
  ...(existsSync(kept) ? { cachedData: readFileSync(kept) } : {}),
})
const module = { exports: exported }
script.runInThisContext()(exported, createRequire(file), module)
// V8 forgets for kept code what could import modules there.
void module.exports.runner?.(args, { atEnd: () => writeFileSync(kept, script.createCachedData()), importModule: url => import(url) })
