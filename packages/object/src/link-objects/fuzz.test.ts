import { BpfError } from '@bpf/bytes'
import { fuzz, fuzzSettings, readFixture } from '@bpf/fixtures'
import { expect, it } from 'vitest'
import { linkObjects } from './link-objects'

it('links anything, or says what is wrong with it', { timeout: 0 }, async () => {
  const [main, library, unrelated] = await Promise.all(['link/main.o', 'link/library.o', 'object/functions.o'].map(readFixture))
  if (main === undefined || library === undefined || unrelated === undefined) throw new Error('no fixtures')
  const parse = (bytes: Uint8Array) => {
    linkObjects([
      { name: 'library.o', bytes: library },
      { name: 'mutated.o', bytes },
    ])
  }
  const isExpected = (error: unknown) => error instanceof BpfError
  const inputs = [main, unrelated]
  const { accepted, rejected } = fuzz({ name: 'linking', ...fuzzSettings(1000), inputs, parse, isExpected, maxMilliseconds: 100 })
  expect(accepted).toBeGreaterThan(0)
  expect(rejected).toBeGreaterThan(0)
})
