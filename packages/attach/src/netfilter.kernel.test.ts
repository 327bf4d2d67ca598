import { AttachType, ProgType } from '@bpf/sys'
import { afterAll, describe, expect, it } from 'vitest'
import { attachNetfilter, type NetfilterTarget } from './netfilter'
import { countingProgram } from './testing/counting-program'
import { attachErrorOf } from './testing/errors'
import { openDescriptors, testContext } from './testing/test-context'
import { testNetwork } from './testing/test-network'

const context = testContext()
const { sys, kernel } = context
const hasNetfilter = kernel.features.attachType(AttachType.Netfilter) === true
const network = testNetwork(sys)
const { near, far } = network
afterAll(() => network[Symbol.dispose]())

const verdict = { drop: 0, accept: 1 } as const
const load = (returns: number = verdict.drop) =>
  countingProgram(sys, { type: ProgType.Netfilter, expectedAttachType: AttachType.Netfilter, returns })
const attach = (program: ReturnType<typeof load>, target: Partial<NetfilterTarget> = {}) =>
  attachNetfilter(context, program, { family: 'ipv4', hook: 'input', netns: near.netns, ...target })

describe.skipIf(!hasNetfilter)('netfilter (CONFIG_NETFILTER_BPF_LINK)', () => {
  it.each(['prerouting', 'input'] as const)('%s judges what is received, until it is detached', hook => {
    const before = openDescriptors()
    {
      using program = load()
      const link = attach(program, { hook })
      expect(link).toMatchObject({ kind: 'netfilter', interface: 'bpf link', target: `netfilter ipv4 ${hook} priority 0` })
      expect(link.info()).toMatchObject({ kind: 'netfilter', pf: 2, priority: 0 })
      expect(network.send(far, near)).toBe(false)
      expect(program.count()).toBe(1)
      link.close()
      expect(network.send(far, near)).toBe(true)
      expect(program.count()).toBe(1)
    }
    expect(openDescriptors()).toBe(before)
  })

  it('output judges what is sent', () => {
    using program = load()
    using _link = attach(program, { hook: 'output', priority: -5 })
    expect(network.send(near, far)).toBe(false)
    expect(program.count()).toBe(1)
  })

  it('runs by priority', () => {
    using first = load(verdict.drop)
    using second = load(verdict.accept)
    using _second = attach(second, { priority: 10 })
    using _first = attach(first, { priority: -10 })
    network.send(far, near)
    expect([first.count(), second.count()]).toEqual([1, 0])
  })

  it('lets one program have a priority', () => {
    using program = load()
    using _link = attach(program)
    expect(attachErrorOf(() => attach(program)).message).toContain('another BPF program has that priority')
    expect(attachErrorOf(() => attach(program, { priority: -(2 ** 31) })).message).toContain('cannot be had')
  })
})
