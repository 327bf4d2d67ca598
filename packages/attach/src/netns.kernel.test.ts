import { execFileSync } from 'node:child_process'
import { AttachType, ProgType } from '@bpf/sys'
import { afterAll, describe, expect, it } from 'vitest'
import type { LinkInterface } from './link/link'
import { attachNetns, queryNetns } from './netns'
import { countingProgram } from './testing/counting-program'
import { attachErrorOf } from './testing/errors'
import { openDescriptors, testContext } from './testing/test-context'
import { testNetwork } from './testing/test-network'

const context = testContext()
const { sys } = context
const network = testNetwork(sys)
const { near, far } = network
afterAll(() => network[Symbol.dispose]())

const dropOrPass = { drop: 0, pass: 1 } as const
const skLookup = (returns: number = dropOrPass.drop) =>
  countingProgram(sys, { type: ProgType.SkLookup, expectedAttachType: AttachType.SkLookup, returns })
const dissector = () => countingProgram(sys, { type: ProgType.FlowDissector, expectedAttachType: AttachType.FlowDissector })
const attached = (attachType: number) => queryNetns(context, near.netns, attachType).programs.map(({ programName }) => programName)

describe('sk_lookup', () => {
  it('decides which socket gets a packet, until it is detached', () => {
    const before = openDescriptors()
    {
      using program = skLookup()
      const link = attachNetns(context, program, { netns: near.netns })
      expect(link).toMatchObject({ kind: 'netns', interface: 'bpf link', target: `sk_lookup of network namespace ${near.netns}` })
      expect(link.info()).toMatchObject({ kind: 'netns', attachType: AttachType.SkLookup })
      expect(attached(AttachType.SkLookup)).toEqual(['count'])
      expect(network.send(far, near)).toBe(false)
      expect(program.count()).toBe(1)
      link.close()
      expect(attached(AttachType.SkLookup)).toEqual([])
      expect(network.send(far, near)).toBe(true)
    }
    expect(openDescriptors()).toBe(before)
  })

  it('swaps the program', () => {
    using drop = skLookup()
    using pass = skLookup(dropOrPass.pass)
    using link = attachNetns(context, drop, { netns: near.netns })
    link.update(pass)
    expect(network.send(far, near)).toBe(true)
    expect([drop.count(), pass.count()]).toEqual([0, 1])
  })

  it('has no older interface', () => {
    using program = skLookup()
    expect(attachErrorOf(() => attachNetns(context, program, { netns: near.netns, interfaces: ['prog_attach'] })).message).toContain(
      'it does not take sk_lookup programs',
    )
  })
})

describe.each(['bpf link', 'prog_attach'] as const)('a flow dissector by %s', via => {
  const target = { netns: near.netns, interfaces: [via] as readonly LinkInterface[] }

  it('dissects packets until it is detached', () => {
    // Steering received packets to CPUs by their hash makes the kernel look into them.
    execFileSync('ip', [
      'netns',
      'exec',
      near.netns.slice('/run/netns/'.length),
      'sh',
      '-c',
      'echo 3 > /sys/class/net/near/queues/rx-0/rps_cpus',
    ])
    const before = openDescriptors()
    {
      using program = dissector()
      const link = attachNetns(context, program, target)
      expect(link.interface).toBe(via)
      expect(attached(AttachType.FlowDissector)).toEqual(['count'])
      network.send(far, near)
      const runs = program.count()
      expect(runs).toBeGreaterThan(0)
      link.close()
      link.close()
      expect(attached(AttachType.FlowDissector)).toEqual([])
      network.send(far, near)
      expect(program.count()).toBe(runs)
    }
    expect(openDescriptors()).toBe(before)
  })

  it('swaps the program', () => {
    using first = dissector()
    using second = dissector()
    using link = attachNetns(context, first, target)
    link.update(second)
    network.send(far, near)
    expect(first.count()).toBe(0)
    expect(second.count()).toBeGreaterThan(0)
  })
})

describe('a network namespace', () => {
  it('is named when it is not there', () => {
    using program = skLookup()
    expect(attachErrorOf(() => attachNetns(context, program, { netns: '/run/netns/no-such' })).message).toContain(
      'there is no such network namespace',
    )
  })

  it('takes one flow dissector', () => {
    using program = dissector()
    using _link = attachNetns(context, program, { netns: near.netns })
    using second = dissector()
    expect(attachErrorOf(() => attachNetns(context, second, { netns: near.netns })).message).toContain('another program is attached')
  })
})
