/**
 * Starts the runner in a guest. Emulated processors take seconds to compile it, and each victim is a process of its own: what V8
 * made of it is kept, with all functions that a victim uses, for the victims that come after.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { constants, Script } from 'node:vm'
import type { runner } from '../run/runner'

const [, program = '', ...args] = process.argv
const file = join(dirname(program), 'runner.cjs')
const kept = '/tmp/runner.code'
const exported: { runner?: typeof runner } = {}

const script = new Script(`(function (exports, require, module) {${readFileSync(file, 'utf8')}\n})`, {
  filename: file,
  ...(existsSync(kept) ? { cachedData: readFileSync(kept) } : {}),
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
})
const module = { exports: exported }
script.runInThisContext()(exported, createRequire(file), module)
void module.exports.runner?.(args, () => writeFileSync(kept, script.createCachedData()))
