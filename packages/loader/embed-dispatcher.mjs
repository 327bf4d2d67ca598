#!/usr/bin/env node
/**
 * Writes the XDP dispatcher (`packages/fixtures/objects/attach/xdp-dispatcher.o`) into a module, so that it is published with
 * this package and found by every bundler: `node packages/loader/embed-dispatcher.mjs`, after it was built anew.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const object = readFileSync(new URL('../fixtures/objects/attach/xdp-dispatcher.o', import.meta.url))
const text = `/** Written by embed-dispatcher.mjs: the compiled object, in base64. */\nexport const dispatcherObject = '${object.toString('base64')}'\n`
writeFileSync(new URL('./src/xdp-dispatcher/dispatcher-object.ts', import.meta.url), text)
