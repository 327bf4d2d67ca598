import { readFixture } from '@bpf/fixtures'
import { createContext } from '@bpf/loader'
import { describe, expect, it } from 'vitest'
import { measureObject } from './measure'

const isRoot = process.getuid?.() === 0

describe.skipIf(!isRoot)('measureObject (needs root)', () => {
  it('asks the verifier what each program took', async () => {
    const [first, ...others] = measureObject(await readFixture('examples/execsnoop.o'), 'path/execsnoop.o', 'host', createContext())
    expect(first).toMatchObject({ kernel: 'host', object: 'execsnoop.o', verdict: 'success', reason: undefined })
    for (const key of ['insns', 'states', 'size', 'jited'] as const) expect(first?.[key]).toBeGreaterThan(0)
    expect(others.length).toBeGreaterThan(0)
  })

  it('goes on after a program that is rejected, and says why it was', async () => {
    const statistics = measureObject(await readFixture('bad/verifier.o'), 'verifier.o', 'host', createContext())
    expect(statistics.map(({ verdict }) => verdict)).toContain('failure')
    const rejected = statistics.find(({ verdict }) => verdict === 'failure')
    expect(rejected?.reason).not.toBe('')
    expect(rejected?.insns).toBeGreaterThan(0)
  })
})
