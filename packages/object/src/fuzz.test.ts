import { BpfError } from '@bpf/bytes'
import { fuzz, fuzzSettings, readFixture } from '@bpf/fixtures'
import { expect, it } from 'vitest'
import { explain, fileTarget, genTypes, getVariableValue, minimiseFor, type ObjectSpec, plan, readObject, requirementsOf } from './index'

const objects = ['core/fields', 'core/types', 'object/data', 'object/externs', 'object/functions', 'object/maps', 'object/struct-ops']
const isExpected = (error: unknown) => error instanceof BpfError

/** Runs what may fail, but only as it should. */
function attempt(what: () => unknown): void {
  try {
    what()
  } catch (error) {
    if (!isExpected(error)) throw error
  }
}

it('tells what it can of anything that can be read', { timeout: 0 }, async () => {
  const inputs = await Promise.all(objects.map(name => readFixture(`${name}.o`)))
  const kernel = readObject(await readFixture('core/fields-target.o')).btf ?? expect.unreachable()
  const target = fileTarget({ version: '6.12', vmlinux: kernel, littleEndian: true })
  const tell = (bytes: Uint8Array, spec: ObjectSpec) => {
    attempt(() => genTypes(spec, { object: { kind: 'beside', path: './object.o' } }))
    attempt(() => requirementsOf(spec))
    attempt(() => minimiseFor([spec], kernel))
    attempt(() => explain(bytes, spec, plan(spec, target, { keepGoing: true })))
    for (const { name } of spec.variables) attempt(() => getVariableValue(spec, name))
  }
  const parse = (bytes: Uint8Array) => tell(bytes, readObject(bytes))
  const options = { name: 'telling', ...fuzzSettings(500), inputs, parse, isExpected, maxMilliseconds: 300 }
  const { accepted, rejected } = fuzz(options)
  expect(accepted).toBeGreaterThan(0)
  expect(rejected).toBeGreaterThan(0)
})
