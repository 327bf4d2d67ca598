import { describe, expect, it } from 'vitest'
import { nothing, RecordIterator, type RecordStream } from './record-iterator'

/** Hands out the numbers one array after the other, as from a buffer that is filled again; tells when it is stopped. */
function streamOf(...fills: number[][]): { stream: RecordStream<number>; stopped: () => boolean } {
  let chunk: number[] = []
  let stopped = false
  const shift = () => chunk.shift() ?? nothing
  const fill = async () => {
    chunk = fills.shift() ?? []
    return chunk.length > 0
  }
  return { stream: new RecordIterator(shift, fill, () => (stopped = true)), stopped: () => stopped }
}

async function all<R>(stream: RecordStream<R>): Promise<R[]> {
  const values: R[] = []
  for await (const value of stream) values.push(value)
  return values
}

describe('RecordIterator', () => {
  it('delivers what is there, fills, and ends', async () => {
    expect(await all(streamOf([1, 2], [3]).stream)).toEqual([1, 2, 3])
  })

  it('gives each call a result of its own, as any iterator', async () => {
    const { stream } = streamOf([1, 2])
    const results = await Promise.all([stream.next(), stream.next(), stream.next()])
    expect(results).toStrictEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
      { done: true, value: undefined },
    ])
  })

  it('delivers undefined as a value like others', async () => {
    const { stream } = streamOf([1, 2])
    expect(await all(stream.map(() => undefined))).toEqual([undefined, undefined])
  })
})

describe('map and filter', () => {
  const isOdd = (value: number): value is number => value % 2 === 1

  it('change and choose values, also where a whole fill is left out', async () => {
    const { stream } = streamOf([1, 2, 3], [4, 6], [5])
    expect(await all(stream.filter(isOdd).map(String))).toEqual(['1', '3', '5'])
  })

  it('end the stream that they are made of when they are ended', async () => {
    const { stream, stopped } = streamOf([1, 2, 3])
    for await (const value of stream.map(String)) if (value === '2') break
    expect(stopped()).toBe(true)
  })

  it.each([
    ['a value at hand', [[1, 2, 3]], 1],
    ['the first of a fill', [[1], [2, 3]], 1],
  ])('end with the error that is thrown at %s, as a rejection', async (_, fills, before) => {
    const change = (value: number) => {
      if (value === 2) throw new Error('two')
      return value
    }
    const { stream } = streamOf(...fills)
    const mapped = stream.map(change)
    for (let i = 0; i < before; i++) expect(await mapped.next()).toEqual({ done: false, value: 1 })
    const failing = mapped.next()
    await expect(failing).rejects.toThrow('two')
    expect(await mapped.next()).toEqual({ done: true, value: undefined })
  })
})
