import { BpfError } from '@bpf/bytes'
import { fuzz, fuzzSettings, readFixture } from '@bpf/fixtures'
import { expect, it } from 'vitest'
import { type CodecOptions, createCodec } from './codec/codec'
import { equals } from './codec/equals'
import { dedupBtf } from './dedup/dedup'
import { distilBtf } from './distil'
import { encodeBtf } from './encode'
import { minimiseBtf } from './minimise'
import { parseBtf } from './parse'
import { relocateBtf } from './relocate'
import { rewriteBtf } from './rewrite'
import { type BtfFeatures, sanitiseBtf } from './sanitise'
import { everyType } from './testing/every-type'
import type { Btf, TypeId } from './types'

const blobs = ['btf/records.btf', 'btf/records-be.btf', 'linked/first.btf', 'linked/linked.btf']
const inputs = await Promise.all(blobs.map(name => readFixture(name)))
const base = parseBtf(inputs[0] ?? new Uint8Array())
const split = encodeBtf(
  [
    { kind: 'struct', name: 'own', size: 64, members: [{ name: 'outer', type: 2 as TypeId, bitOffset: 0, bitSize: 0 }] },
    { kind: 'ptr', type: 3 as TypeId },
    { kind: 'array', type: 4 as TypeId, indexType: 5 as TypeId, length: 3 },
  ],
  { base },
)

const isExpected = (error: unknown): boolean => error instanceof BpfError

/** Runs what may fail, but only as it should. */
function attempt<T>(what: () => T): T | undefined {
  try {
    return what()
  } catch (error) {
    if (isExpected(error)) return undefined
    throw error
  }
}

const allIds = (btf: Btf): TypeId[] => Array.from({ length: btf.endId }, (_, id) => id as TypeId)

const none: BtfFeatures = {
  func: false,
  globalFunc: false,
  datasec: false,
  float: false,
  declTag: false,
  typeTag: false,
  enum64: false,
  questionMarkDatasec: false,
  layout: false,
}

const bytes = Uint8Array.from({ length: 256 }, (_, index) => (index * 37) % 251)
const view = new DataView(bytes.buffer)
const scratch = new DataView(new ArrayBuffer(512))

/** Decodes garbage as every type, and encodes what came out. */
function useCodecs(btf: Btf, mode: NonNullable<CodecOptions['mode']>): void {
  for (const id of allIds(btf)) {
    const codec = attempt(() => createCodec(btf, id, { mode }))
    if (codec === undefined) continue
    const value = attempt(() => codec.decode(view, 1, Math.max(codec.size, 100)))
    if (value === undefined) continue
    attempt(() => codec.encode(value, scratch))
    if (mode === 'interpreted') continue
    const interpreted = createCodec(btf, id, { mode: 'interpreted' })
    expect(equals(interpreted.decode(view, 1, Math.max(codec.size, 100)), value)).toBe(true)
  }
}

/** What was written must be BTF again. */
function rewriteAll(btf: Btf): void {
  const written = [
    attempt(() => rewriteBtf(btf, everyType(btf))),
    attempt(() => sanitiseBtf(btf, none).bytes),
    attempt(() => dedupBtf(btf).builder.toBytes()),
  ]
  for (const blob of written) if (blob !== undefined) parseBtf(blob, { base: btf.base })
  const minimised = attempt(() => minimiseBtf(btf, { typeIds: allIds(btf).slice(0, 20), matched: allIds(btf).slice(-3) }))
  if (minimised !== undefined) parseBtf(minimised.bytes)
}

function distilAndRelocate(btf: Btf): void {
  const distilled = attempt(() => distilBtf(btf))
  if (distilled === undefined) return
  const onDistilled = parseBtf(distilled.split, { base: parseBtf(distilled.base) })
  attempt(() => parseBtf(relocateBtf(onDistilled, base), { base }))
}

it.each<[string, number, readonly Uint8Array[], (bytes: Uint8Array) => void]>([
  ['codecs', 1500, inputs, blob => useCodecs(parseBtf(blob), 'interpreted')],
  ['compiled codecs', 60, inputs.slice(0, 2), blob => useCodecs(parseBtf(blob), 'compiled')],
  ['rewriting', 3000, inputs, blob => rewriteAll(parseBtf(blob))],
  ['rewriting split BTF', 3000, [split], blob => rewriteAll(parseBtf(blob, { base }))],
  ['distilling', 3000, [split], blob => distilAndRelocate(parseBtf(blob, { base }))],
])('%s of damaged BTF fails with typed errors only', { timeout: 0 }, (name, runs, inputs, parse) => {
  const { accepted, rejected } = fuzz({ name: `BTF ${name}`, inputs, parse, isExpected, ...fuzzSettings(runs) })
  expect(accepted).toBeGreaterThan(0)
  expect(rejected).toBeGreaterThan(0)
})
