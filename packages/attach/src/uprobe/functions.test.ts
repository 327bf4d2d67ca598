import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { toHex } from '@bpf/bytes'
import { buildId, findFunction, parseElf } from '@bpf/elf'
import { describe, expect, it } from 'vitest'
import { attachErrorOf } from '../testing/errors'
import { fakeContext } from '../testing/fake-context'
import { findProbePoints } from './functions'

const read = (name: string) => readFileSync(fileURLToPath(new URL(`../../../fixtures/objects/elf/${name}`, import.meta.url)))
const stripped = read('libshared-stripped.so')
const symbols = read('libshared.debug')
const path = '/opt/lib/libshared.so'
const label = { kind: 'uprobe', program: 'p', target: 'uprobe libshared:chosen' }
const id = toHex(buildId(parseElf(stripped)) ?? new Uint8Array())

const find = (files: Readonly<Record<string, Uint8Array>>, bytes: Uint8Array = stripped) =>
  findProbePoints(fakeContext({ files }), label, { path, bytes, start: 0 }, { symbol: 'chosen' })

describe('a function of a stripped library', () => {
  const expected = findFunction(parseElf(read('libshared.so')), 'chosen')?.offset

  it.each([
    `/usr/lib/debug/.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`,
    '/opt/lib/libshared.debug',
    '/opt/lib/.debug/libshared.debug',
    '/usr/lib/debug/opt/lib/libshared.debug',
  ])('is found in %s', file => {
    expect(find({ [file]: symbols })).toEqual([{ offset: expected, name: 'chosen' }])
  })

  it('is not looked for in the symbols of another build', () => {
    expect(attachErrorOf(() => find({ '/opt/lib/libshared.debug': symbols.subarray(0, -1) })).message).toContain('no function "chosen"')
  })

  it('is found in the symbols that are compressed in it', () => {
    const mini = read('probes-mini.elf')
    const symbol = (wanted: string) => findProbePoints(fakeContext({}), label, { path, bytes: mini, start: 0 }, { symbol: wanted })
    expect(findFunction(parseElf(mini), 'request')).toBeUndefined()
    expect(symbol('request')).toEqual([{ offset: findFunction(parseElf(read('probes.elf')), 'request')?.offset, name: 'request' }])
    expect(attachErrorOf(() => symbol('reqest')).hint).toBe('did you mean request?')
  })

  it('that has something else where its compressed symbols should be, says so', () => {
    // A section that is not of interest here gets the name.
    const text = Buffer.from(stripped).toString('latin1').replace('.gnu_debuglink', '.gnu_debugdata')
    expect(attachErrorOf(() => find({}, Buffer.from(text, 'latin1')))).toMatchObject({
      message: expect.stringContaining('(MiniDebugInfo, .gnu_debugdata) cannot be read: it is no .xz stream'),
      hint: expect.stringContaining('an address or an offset'),
    })
  })
})
