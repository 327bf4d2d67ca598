import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isRoot, kernelTest } from './testing/kernel'

const available = () => readFileSync('/proc/sys/net/ipv4/tcp_available_congestion_control', 'utf8').trim().split(' ')

describe.skipIf(!isRoot)('struct_ops (needs root)', () => {
  const { openFixture } = kernelTest()

  /** Only this variable, with the functions that a congestion control cannot do without. */
  async function only(name: string) {
    const opened = await openFixture('object/struct-ops.o')
    for (const map of opened.spec.maps) if (map.origin.kind === 'structOps') map.autoCreate = map.name === name
    opened.spec.structOps = opened.spec.structOps.map(variable => ({
      ...variable,
      programs: [
        { member: 'ssthresh', memberIndex: 1, program: 'ssthresh' },
        { member: 'cong_avoid', memberIndex: 2, program: 'cong_avoid' },
        { member: 'undo_cwnd', memberIndex: 3, program: 'undo_cwnd' },
      ],
    }))
    return opened
  }

  it('is registered once, with the programs that are loaded by then', async () => {
    using object = (await only('linked_first')).load()
    const functions = () => object.structOps.map(({ map, value }) => [map, value.some(byte => byte !== 0)])
    const before = functions()
    object.load('ssthresh')
    object.load('cong_avoid')
    expect(functions()).toEqual(before)
    expect(object.attach().links).toHaveLength(1)
    expect(object.map('linked_first', 'structOps').value()).toMatchObject({
      data: { ssthresh: expect.anything(), cong_avoid: expect.anything(), undo_cwnd: expect.anything() },
    })
  })

  for (const [variable, registered, via] of [
    ['plain', 'plain', 'map update'],
    ['linked_first', 'first', 'bpf link'],
  ] as const) {
    it(`${variable} is registered by ${via}, and gone afterwards`, async () => {
      const opened = await only(variable)
      using object = opened.load()
      expect(available()).not.toContain(registered)
      const { links, skipped } = object.attach()
      expect(links.map(link => [link.kind, link.interface])).toEqual([['struct_ops', via]])
      expect(skipped).toEqual([])
      expect(available()).toContain(registered)
      const map = object.map(variable, 'structOps')
      expect([map.state(), map.references() > 0]).toEqual([via === 'bpf link' ? 'ready' : 'inUse', true])
      expect(map.value()).toMatchObject({ data: { name: registered, ssthresh: expect.anything() } })
      object.close()
      expect(available()).not.toContain(registered)
    })
  }
})
