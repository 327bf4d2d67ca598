import { BpfError } from '@bpf/bytes'
import { fuzz, fuzzSettings, readFixture } from '@bpf/fixtures'
import { expect, it } from 'vitest'
import { readObject } from './read-object'

const modern = ['arena', 'data', 'data-be', 'externs', 'functions', 'functions-be', 'jump-table', 'maps', 'maps-be', 'struct-ops']
const old = ['known-tails', 'map-in-map', 'no-symbol-sizes', 'annotated', 'static-map']
const fixtures = [...modern.map(name => `object/${name}`), ...old.map(name => `legacy/${name}`)]

it('reads anything, or says what is wrong with it', { timeout: 0 }, async () => {
  const inputs = await Promise.all(fixtures.map(name => readFixture(`${name}.o`)))
  const isExpected = (error: unknown) => error instanceof BpfError
  const { accepted, rejected } = fuzz({ name: 'objects', ...fuzzSettings(4000), inputs, parse: bytes => readObject(bytes), isExpected })
  expect(accepted).toBeGreaterThan(0)
  expect(rejected).toBeGreaterThan(0)
})
