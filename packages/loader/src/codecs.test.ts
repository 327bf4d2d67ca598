import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { readFixture } from '@bpf/fixtures'
import { readObject } from '@bpf/object'
import { expect, it } from 'vitest'
import { type RecordDecoder, recordDecoder } from './codecs'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** Bytes of what V8 takes for objects that live long. */
const oldSpace = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')?.space_used_size ?? 0

/** By how many of these bytes there are more, at most, while short-lived records are decoded of which the first outlived a collection. */
function growth(decode: RecordDecoder): number {
  const data = new DataView(new ArrayBuffer(64))
  const records = Array.from({ length: 500 }, () => decode(data, 0, 64))
  collect()
  const before = oldSpace()
  let most = before
  for (let round = 0; round < 100; round++) {
    for (let i = 0; i < 1000; i++) records[i % 500] = decode(data, 0, 64)
    most = Math.max(most, oldSpace())
  }
  return most - before
}

it('decodes records that die young, though the first of them outlived a collection', async () => {
  const spec = readObject(await readFixture('bench/fill-ring.o'))
  // V8 decides where later objects go once its young generation has grown, as that of a busy process has.
  const survivors = Array.from({ length: 1_500_000 }, (_, i) => ({ i }))
  const growths = Array.from({ length: 5 }, () => growth(recordDecoder(spec, 'records')))
  expect(survivors).toHaveLength(1_500_000)
  expect(Math.max(...growths)).toBeLessThan(4_000_000)
})
