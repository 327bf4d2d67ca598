import { describe, expect, it } from 'vitest'
import { recordingIo } from '../testing/recording-io'
import { expectToMatchSchema } from '../testing/schema'
import { bpftoolProfile, type ProfileDocument } from './document'
import { parseMetric } from './metrics'
import { printProfile } from './print'

const counted = { runs: 1000n, enabled: 2_000_000n, running: 1_000_000n, missing: null }
const document: ProfileDocument = {
  id: 7,
  name: 'count_packets',
  seconds: 2.04,
  metrics: [
    { metric: 'runs', value: 1000n, runs: 1000n, enabled: null, running: null, missing: null },
    { metric: 'time', value: 250_000n, runs: 1000n, enabled: null, running: null, missing: null },
    { metric: 'cycles', value: 800_000n, ...counted },
    { metric: 'instructions', value: 1_000_000n, ...counted },
    { metric: 'llc_misses', value: 12n, ...counted },
    { metric: 'dtlb_misses', value: null, runs: 0n, enabled: null, running: null, missing: 'this machine has no counter for dtlb_misses' },
  ],
}

describe('bpf prog profile', () => {
  it('sets metrics beside each other', async () => {
    const { io, notes, text } = recordingIo()
    printProfile(document, io)
    await expect(text()).toMatchFileSnapshot('golden/profile.txt')
    expect(notes).toEqual(['this machine has no counter for dtlb_misses'])
  })

  it('is a document', () => {
    const json = JSON.parse(JSON.stringify(document, (_, value) => (typeof value === 'bigint' ? `${value}` : value)))
    expectToMatchSchema(json, 'prog-profile')
  })

  it('prints what bpftool prints of what was counted', () => {
    expect(bpftoolProfile(document)).toContainEqual({
      metric: 'cycles',
      run_cnt: 1000,
      value: 800_000,
      enabled: 2_000_000,
      running: 1_000_000,
    })
  })

  it.each([
    ['run_cnt', { kind: 'statistics', name: 'runs' }],
    ['time', { kind: 'statistics', name: 'time' }],
    ['cycles', { kind: 'counter', event: { type: 0, config: 0 } }],
    ['l1d_loads', { kind: 'counter', event: { type: 3, config: 0 } }],
    ['llc_misses', { kind: 'counter', event: { type: 3, config: 0x10002 } }],
    ['itlb_misses', { kind: 'counter', event: { type: 3, config: 0x10004 } }],
    ['cpu-clock', { kind: 'counter', event: { type: 1, config: 0 } }],
    ['page_faults', { kind: 'counter', event: { type: 1, config: 2 } }],
  ])('knows %s', (name, metric) => {
    expect(parseMetric(name)).toMatchObject(metric)
  })

  it('has near names for what is none', () => {
    expect(() => parseMetric('cylces')).toThrow(expect.objectContaining({ hint: expect.stringContaining('cycles') }))
  })
})
