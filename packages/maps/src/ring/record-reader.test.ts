import { describe, expect, it } from 'vitest'
import { Readiness } from './readiness'
import { RecordReader, type RecordSource } from './record-reader'

/** A buffer of numbers without a kernel: what `push` adds is there to be taken. */
function setup() {
  const there: number[] = []
  const sources: string[] = []
  const reactor = {
    add() {
      sources.push('added')
      return {
        ref: () => sources.push('ref'),
        unref: () => sources.push('unref'),
        close: () => sources.push('closed'),
      }
    },
  }
  const readiness = new Readiness('buffer', reactor as never, [3 as never])
  const taken: number[] = []
  const source: RecordSource<number> = {
    readiness,
    capacity: 5000,
    take(sink, limit) {
      let count = 0
      for (let value = there.shift(); value !== undefined; value = there.shift()) {
        if (value < 0) throw new Error(`bad ${value}`)
        sink.push(value)
        if (++count >= limit) break
      }
      taken.push(count)
    },
  }
  const push = (...values: number[]) => {
    there.push(...values)
    readiness.wake()
  }
  return { reader: new RecordReader(source), readiness, push, there, taken, sources }
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)

describe('RecordReader', () => {
  it('takes nothing before it is asked, and then no more than a chunk', async () => {
    const { reader, push, there, taken } = setup()
    push(...numbers(3000))
    const records = reader.records()
    expect(there.length).toBe(3000)
    expect(await records.next()).toEqual({ done: false, value: 0 })
    expect([there.length, taken]).toEqual([3000 - 1024, [1024]])
  })

  it('answers calls in order, also those made before there is anything', async () => {
    const { reader, push } = setup()
    const records = reader.records()
    const waiting = [records.next(), records.next(), records.next()]
    push(1)
    await new Promise(resolve => setTimeout(resolve, 5))
    push(2, 3, 4)
    expect((await Promise.all(waiting)).map(({ value }) => value)).toEqual([1, 2, 3])
    expect((await records.next()).value).toBe(4)
  })

  it('keeps what an ended iteration did not deliver for the next, and for flush', async () => {
    const { reader, push } = setup()
    push(...numbers(10))
    for await (const value of reader.records()) if (value === 3) break
    for await (const value of reader.records()) if (value === 5) break
    expect(reader.flush()).toEqual([6, 7, 8, 9])
  })

  it('does not throw away what another reader left while it let the event loop have its turn', async () => {
    const { reader, push } = setup()
    push(1)
    const first = reader.records()
    expect((await first.next()).value).toBe(1)
    push(2, 3)
    const waiting = first.next()
    const second = await reader.records().next()
    expect([second.value, (await waiting).value].sort()).toEqual([2, 3])
  })

  it('holds the process only while it waits, and only if it may', async () => {
    const { reader, push, sources } = setup()
    const records = reader.records()
    // The first wait looks again at once: what came before the watching began told nobody.
    const waiting = records.next()
    await new Promise(resolve => setTimeout(resolve, 5))
    expect(sources).toEqual(['added', 'ref'])
    push(1)
    await waiting
    expect(sources).toEqual(['added', 'ref', 'unref'])
    const idle = reader.records({ keepAlive: false }).next()
    await new Promise(resolve => setTimeout(resolve, 5))
    push(2)
    await idle
    expect(sources).toEqual(['added', 'ref', 'unref'])
  })

  it('ends when it is told to while it waits', async () => {
    const { reader } = setup()
    const records = reader.records()
    const waiting = records.next()
    await new Promise(resolve => setTimeout(resolve, 5))
    expect(await records.return()).toEqual({ done: true, value: undefined })
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(await records.next()).toEqual({ done: true, value: undefined })
  })

  it('delivers what is there at an abort although more keeps coming', async () => {
    const { reader, push, there } = setup()
    push(...numbers(6000))
    const seen: number[] = []
    for await (const value of reader.records({ signal: AbortSignal.abort() })) {
      seen.push(value)
      there.push(1)
    }
    expect(seen).toEqual(numbers(5000))
  })

  it('delivers what it took before the buffer was closed', async () => {
    const { reader, readiness, push } = setup()
    push(1, 2, 3)
    const records = reader.records()
    await records.next()
    readiness.close()
    expect([(await records.next()).value, (await records.next()).value, (await records.next()).done]).toEqual([2, 3, true])
  })

  it('puts an error in its place: after the records before, before those after', async () => {
    const { reader, push } = setup()
    push(1, -1, 2)
    const records = reader.records()
    expect((await records.next()).value).toBe(1)
    await expect(records.next()).rejects.toThrow('bad -1')
    expect((await records.next()).done).toBe(true)
    expect(reader.flush()).toEqual([2])
    push(3, -3, 4)
    expect(reader.flush()).toEqual([3])
    expect(() => reader.flush()).toThrow('bad -3')
    expect(reader.flush()).toEqual([4])
  })

  it('looks at intervals when it is asked to', async () => {
    const { reader, there } = setup()
    const waiting = reader.batches({ interval: 5 }).next()
    await new Promise(resolve => setTimeout(resolve, 10))
    there.push(1, 2)
    expect(await waiting).toEqual({ done: false, value: [1, 2] })
  })

  it('looks at no interval that no timer takes', async () => {
    const { reader, push, taken } = setup()
    const waiting = reader.records({ interval: Number.POSITIVE_INFINITY }).next()
    await new Promise(resolve => setTimeout(resolve, 30))
    // At the beginning, and once more when it is watched.
    expect(taken.length).toBeLessThanOrEqual(2)
    push(1)
    expect((await waiting).value).toBe(1)
  })

  it('lets one wait at a time', async () => {
    const { reader, push } = setup()
    const first = reader.records().next()
    await new Promise(resolve => setTimeout(resolve, 5))
    await expect(reader.records().next()).rejects.toThrow('buffer has a reader already')
    push(1)
    expect((await first).value).toBe(1)
  })

  it('refuses whoever comes second, also where both come at once', async () => {
    const { reader, push } = setup()
    const [first, second] = [reader.records().next(), reader.records().next()]
    await expect(second).rejects.toThrow('buffer has a reader already')
    push(1)
    expect((await first).value).toBe(1)
  })
})
