import { BpfError } from '@bpf/bytes'
import { fuzz, fuzzSettings, readFixture } from '@bpf/fixtures'
import { expect, it } from 'vitest'
import { printType, typeName } from './c-print'
import { dumpC } from './dump-c'
import { encodeBtf } from './encode'
import { kfuncsOf } from './kfuncs'
import { layoutOf } from './layout'
import { memberAt, pathAt } from './member'
import { parseBtf } from './parse'
import { parseBtfExt } from './parse-ext'
import { alignOf, sizeOf } from './size'
import type { Btf } from './types'

const read = (...names: string[]): Promise<Uint8Array[]> => Promise.all(names.map(name => readFixture(`btf/${name}`)))

const small = await read('records.btf', 'records-be.btf')
const large = await read('types.btf', 'types-be.btf')
const bases = small.map(bytes => parseBtf(bytes))
const base = bases[0] ?? parseBtf(new Uint8Array())
/** Split, with and without the table of record sizes. */
const split = [true, false].map(layout => encodeBtf([{ kind: 'struct', name: 'own', size: 0, members: [] }], { layout, base }))

const isExpected = (error: unknown): boolean => error instanceof BpfError

type Question = (btf: Btf, id: number) => unknown

/** Asked of structs and unions only: for others the answer is an error, and errors take most of the time. */
function ofComposite(question: Question): Question {
  return (btf, id) => ('members' in btf.type(id) ? question(btf, id) : undefined)
}

const cheap: readonly Question[] = [(btf, id) => btf.type(id), sizeOf, (btf, id) => alignOf(btf, id)]

const dear: readonly Question[] = [
  ...cheap,
  (btf, id) => btf.idsByName(btf.nameOf(id)),
  (btf, id) => btf.idsByEssentialName(btf.nameOf(id)),
  typeName,
  printType,
  ofComposite(layoutOf),
  ofComposite((btf, id) => memberAt(btf, id, 'inner.values[2]')),
  ofComposite((btf, id) => pathAt(btf, id, 9)),
]

/** Asks every question of every type: each has to be answered, or refused by a typed error. */
function askAll(btf: Btf, questions: readonly Question[]): void {
  for (let id = 0; id < btf.endId; id++) {
    for (const question of questions) {
      try {
        question(btf, id)
      } catch (error) {
        if (!isExpected(error)) throw error
      }
    }
  }
}

function writeHeader(btf: Btf): void {
  kfuncsOf(btf)
  dumpC(btf)
}

const parseExt = (bytes: Uint8Array): void => {
  const btf = bases[bytes[0] === 0x9f ? 0 : 1] ?? base
  const { lineInfo } = parseBtfExt(bytes, { btf })
  for (const lines of lineInfo.values()) for (const line of lines) btf.string(line.lineOffset)
}

const ext = await read('records.btf-ext', 'records-be.btf-ext')

it.each<[string, number, Uint8Array[], (bytes: Uint8Array) => void]>([
  ['BTF, every question', 20_000, small, bytes => askAll(parseBtf(bytes), dear)],
  ['BTF, all kinds of types', 16_000, large, bytes => askAll(parseBtf(bytes), cheap)],
  ['BTF as C header', 3_000, large, bytes => writeHeader(parseBtf(bytes))],
  ['split BTF', 8_000, split, bytes => askAll(parseBtf(bytes, { base }), dear)],
  ['BTF.ext', 64_000, ext, parseExt],
])('%s: nothing but typed errors, however damaged', { timeout: 0 }, (name, runs, inputs, parse) => {
  const { accepted, rejected } = fuzz({ name, ...fuzzSettings(runs), inputs, parse, isExpected })
  expect(Math.min(accepted, rejected)).toBeGreaterThan(0)
})
