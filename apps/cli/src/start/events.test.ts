import type { EventRecord, LoadedObject } from '@bpf/loader'
import { describe, expect, it } from 'vitest'
import { streamEvents } from './events'

/** An object with one buffer that delivers these batches, and what reading it writes, call by call. */
async function written(batches: EventRecord[][], { json = false, count = Number.POSITIVE_INFINITY } = {}) {
  const writes: string[] = []
  const stop = new AbortController()
  const object = { buffers: ['events'], batches: () => batches }
  const io = {
    out: (text: string) => writes.push(text),
    note: (text: string) => writes.push(`note: ${text}`),
    style: (_: unknown, text: string) => text,
    stdoutIsTerminal: false,
  }
  const totals = await streamEvents(object as unknown as LoadedObject, { io: io as never, json, count, stop })
  return { writes, totals, stopped: stop.signal.aborted }
}

const record = (value: unknown): EventRecord => ({ kind: 'record', map: 'events', cpu: undefined, value })
const lost = (count: number): EventRecord => ({ kind: 'lost', map: 'events', cpu: 1, count })

describe('events', () => {
  it('are written batch by batch, since each write costs as much as a line', async () => {
    const batches = [[record({ pid: 1 }), record({ pid: 22 })], [record({ pid: 3 })]]
    expect(await written(batches)).toEqual({
      writes: ['PID\n  1\n 22', '  3'],
      totals: { events: 3, lost: 0 },
      stopped: false,
    })
  })

  it('are lines of JSON, losses among them', async () => {
    const { writes } = await written([[record(1n), lost(3), record({ raw: Uint8Array.of(255) })]], { json: true })
    expect(writes).toEqual(['{"map":"events","value":"1"}\n{"map":"events","cpu":1,"lost":3}\n{"map":"events","value":{"raw":"ff"}}'])
  })

  it('stand before the note of a loss that comes after them', async () => {
    const { writes, totals } = await written([[record({ pid: 1 }), lost(3), record({ pid: 2 })]])
    expect(writes).toEqual(['PID\n  1', 'note: events: 3 events lost on CPU 1', '  2'])
    expect(totals).toEqual({ events: 2, lost: 3 })
  })

  it('end within a batch when there are enough', async () => {
    const batches = [[record(1), record(2), record(3)], [record(4)]]
    expect(await written(batches, { json: true, count: 2 })).toEqual({
      writes: ['{"map":"events","value":1}\n{"map":"events","value":2}'],
      totals: { events: 2, lost: 0 },
      stopped: true,
    })
  })
})
