import { readFixture } from '@bpf/fixtures'
import { open } from '@bpf/loader'
import { describe, expect, it } from 'vitest'
import { measureObject } from './measure'

const isRoot = process.getuid?.() === 0

describe.skipIf(!isRoot)('measureObject (needs root)', () => {
  it('asks the verifier what each program took', async () => {
    const [first, ...others] = measureObject(open(await readFixture('examples/execsnoop.o')), 'execsnoop.o')
    expect(first).toMatchObject({ object: 'execsnoop.o', verdict: 'success' })
    for (const key of ['insns', 'states', 'size', 'jited'] as const) expect(first?.[key]).toBeGreaterThan(0)
    expect(others.length).toBeGreaterThan(0)
  })

  it('goes on after a program that is rejected, and says why it was', async () => {
    const statistics = measureObject(open(await readFixture('bad/verifier.o')), 'verifier.o')
    const rejected = statistics.find(({ verdict }) => verdict === 'failure')
    expect(rejected?.reason).not.toBe('')
    expect(rejected?.insns).toBeGreaterThan(0)
  })
})
