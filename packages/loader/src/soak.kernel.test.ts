import { describe, expect, it } from 'vitest'
import type { EventRecord } from './records'
import { isRoot, kernelTest } from './testing/kernel'

/** `pnpm soak` runs 10,000 cycles and 10 million records; the ordinary tests a short version. */
const cycles = Number(process.env['BPF_SOAK_CYCLES'] ?? 50)
const records = Number(process.env['BPF_SOAK_RECORDS'] ?? 40_000)

/** Milliseconds, by far more than it takes. */
const patience = 60_000 + 200 * cycles + records / 10

describe.skipIf(!isRoot)('soak (needs root)', () => {
  const { openFixture, leaks } = kernelTest()

  it(`${cycles} times load, attach, detach, close leave what was there at the beginning`, { timeout: patience }, async () => {
    const opened = await openFixture('examples/syscall-count.o')
    for (let cycle = 0; cycle < cycles; cycle++) {
      using object = opened.load()
      const { links } = object.attach()
      expect(links).toHaveLength(1)
      for (const link of links) link.detach()
    }
    expect(await leaks.settled()).toEqual([])
  })

  it(`${records} ring records arrive, in order, none lost`, { timeout: patience }, async () => {
    using object = (await openFixture('features/ring-kinds.o')).load()
    const stream = object.records('records')
    // Two records of 16 bytes and a header of 8 each a run: 64 runs fit into the ring of one page.
    const runs = 64
    let wrong = 0
    for (let written = 0; written < records; written += 2 * runs) {
      wrong += object.program('write_both').run({ repeat: runs }).returnValue
      for (let run = 0; run < runs; run++) {
        if (kindOf((await stream.next()).value) !== 'OPENED') wrong++
        if (kindOf((await stream.next()).value) !== 'CLOSED') wrong++
      }
    }
    await stream.return()
    expect(wrong).toBe(0)
  })
})

function kindOf(record: EventRecord | undefined): unknown {
  const value = record?.kind === 'record' ? record.value : undefined
  return typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined
}
