#!/usr/bin/env node
/**
 * Writes the objects that this package brings along into modules, so that they are published with it and found by every bundler:
 * `node packages/loader/embed-objects.mjs`, after they were built anew.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const embedded = [
  { object: 'attach/xdp-dispatcher.o', module: 'xdp-dispatcher/dispatcher-object.ts', name: 'dispatcherObject' },
  { object: 'attach/run-counters.o', module: 'profile/run-counters-object.ts', name: 'runCountersObject' },
]

for (const { object, module, name } of embedded) {
  const bytes = readFileSync(new URL(`../fixtures/objects/${object}`, import.meta.url))
  const text = `/** Written by embed-objects.mjs: the compiled object, in base64. */\nexport const ${name} =\n  '${bytes.toString('base64')}'\n`
  writeFileSync(new URL(`./src/${module}`, import.meta.url), text)
}
