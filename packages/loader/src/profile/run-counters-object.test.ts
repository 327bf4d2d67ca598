import { readFixture } from '@bpf/fixtures'
import { expect, it } from 'vitest'
import { runCountersObject } from './run-counters-object'

it('the programs that count are those of the fixtures', async () => {
  const built = await readFixture('attach/run-counters.o')
  expect(Buffer.from(built).toString('base64'), 'run embed-objects.mjs').toBe(runCountersObject)
})
