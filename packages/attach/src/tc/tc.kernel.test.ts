import { execFileSync, spawnSync } from 'node:child_process'
import { withFewDescriptors } from '@bpf/kernel/testing'
import { AttachType, NetlinkProtocol, NetlinkSocket, ProgType } from '@bpf/sys'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CountingProgram, countingProgram } from '../testing/counting-program'
import { attachErrorOf } from '../testing/errors'
import { openDescriptors, testContext } from '../testing/test-context'
import { type TestNetwork, testNetwork } from '../testing/test-network'
import { sweepFilters } from './clsact'
import { addFilter } from './filters'
import { attachTc, queryTc, type TcTarget } from './tc'

const context = testContext()
const { sys, kernel } = context
const verdict = { next: -1, ok: 0, shot: 2 } as const

let network: TestNetwork
beforeEach(() => {
  network = testNetwork(sys)
})
afterEach(() => network[Symbol.dispose]())

const load = (returns: number = verdict.shot, name = 'count') => countingProgram(sys, { type: ProgType.SchedCls, returns, name })
const here = () => ({ interface: network.near.interface, netns: network.near.netns })
const attach = (program: CountingProgram, target: Partial<TcTarget> = {}) =>
  attachTc(context, program, { ...here(), direction: 'ingress', ...target })
const tc = (...args: string[]) =>
  execFileSync('tc', ['-n', network.near.netns.slice('/run/netns/'.length), ...args], { encoding: 'utf8' }).trim()
const qdiscs = () => tc('qdisc', 'show', 'dev', network.near.interface)
const names = (direction: 'ingress' | 'egress' = 'ingress') => {
  const { tcx, filters } = queryTc(context, { ...here(), direction })
  return [...tcx.programs, ...filters].map(({ programName }) => programName)
}
const arrives = (direction: 'ingress' | 'egress') => {
  const { near, far } = network
  return direction === 'ingress' ? network.send(far, near) : network.send(near, far)
}

const cases = (['bpf link', 'netlink'] as const).flatMap(via =>
  (['ingress', 'egress'] as const).map(direction => [via, direction] as const),
)

describe.each(cases)('tc by %s on %s', (via, direction) => {
  it('drops packets until it is detached, and leaves nothing', () => {
    const before = openDescriptors()
    const qdiscsBefore = qdiscs()
    {
      using program = load()
      const link = attach(program, { direction, interfaces: [via] })
      expect(link).toMatchObject({ kind: 'tc', interface: via, program: 'count' })
      expect(link.target).toBe(`tc ${direction} of near in ${network.near.netns}`)
      expect(names(direction)).toEqual(['count'])
      expect(arrives(direction)).toBe(false)
      expect(program.count()).toBe(1)

      link.close()
      link.close()
      expect(arrives(direction)).toBe(true)
      expect(program.count()).toBe(1)
      expect(names(direction)).toEqual([])
    }
    expect(qdiscs()).toBe(qdiscsBefore)
    expect(openDescriptors()).toBe(before)
  })

  it('swaps the program', () => {
    using shot = load()
    using ok = load(verdict.ok, 'ok')
    using link = attach(shot, { direction, interfaces: [via] })
    link.update(ok)
    expect(names(direction)).toEqual(['ok'])
    expect(arrives(direction)).toBe(true)
    expect([shot.count(), ok.count()]).toEqual([0, 1])
  })

  it('outlives the descriptor of its program', () => {
    const program = load()
    const link = attach(program, { direction, interfaces: [via] })
    program[Symbol.dispose]()
    expect(arrives(direction)).toBe(false)
    link.close()
    expect(arrives(direction)).toBe(true)
  })
})

describe('tcx', () => {
  const named = (name: string) => load(verdict.next, name)

  it('runs programs in the order of their places', () => {
    using a = named('a')
    using b = named('b')
    using c = named('c')
    using d = named('d')
    using linkA = attach(a)
    using _b = attach(b, { place: { before: { program: a } } })
    using _c = attach(c, { place: 'first' })
    using _d = attach(d, { place: { after: { link: linkA } } })
    expect(names()).toEqual(['c', 'b', 'a', 'd'])
    expect(arrives('ingress')).toBe(true)
    expect([a, b, c, d].map(program => program.count())).toEqual([1, 1, 1, 1])
    expect(linkA.info()).toMatchObject({ kind: 'tcx', ifindex: network.near.ifindex, attachType: AttachType.TcxIngress })
  })

  it('names the link of each program, and a revision that can be insisted on', () => {
    using a = named('a')
    using b = named('b')
    using link = attach(a)
    const { revision = 0n, programs } = queryTc(context, { ...here(), direction: 'ingress' }).tcx
    expect(programs).toMatchObject([{ programName: 'a', linkId: link.id }])
    expect(revision).toBeGreaterThan(0n)
    using _b = attach(b, { expectedRevision: revision })
    expect(attachErrorOf(() => attach(a, { expectedRevision: revision })).message).toContain('the hook changed since its revision was read')
  })

  it('runs before filters', () => {
    using filter = load()
    using first = load(verdict.ok, 'first')
    using _filter = attach(filter, { interfaces: ['netlink'] })
    using _first = attach(first)
    expect(names()).toEqual(['first', 'count'])
    expect(arrives('ingress')).toBe(true)
    expect(filter.count()).toBe(0)
  })

  it('takes its direction from the program', () => {
    using program = countingProgram(sys, { type: ProgType.SchedCls, expectedAttachType: AttachType.TcxEgress })
    using link = attachTc(context, program, here())
    expect(link.target).toContain('tc egress')
    using undirected = load()
    expect(attachErrorOf(() => attachTc(context, undirected, here())).hint).toBe('say ingress or egress')
  })

  it('has no priorities', () => {
    using program = load()
    expect(attachErrorOf(() => attach(program, { priority: 1, interfaces: ['bpf link'] })).message).toContain(
      'neither priorities nor classes',
    )
  })
})

describe('filters', () => {
  it('run by priority, those without before all others', () => {
    using a = load(verdict.next, 'a')
    using b = load(verdict.next, 'b')
    using c = load(verdict.next, 'c')
    using _a = attach(a, { priority: 20, handle: 7 })
    using _b = attach(b, { priority: 10 })
    using _c = attach(c, { interfaces: ['netlink'] })
    expect(names()).toEqual(['b', 'a', 'c'])
    expect(queryTc(context, { ...here(), direction: 'ingress' }).filters[1]).toMatchObject({ priority: 20, handle: 7, directAction: true })
  })

  it('without direct action classify: what the program returns is no verdict', () => {
    using program = load(verdict.shot)
    using link = attach(program, { directAction: false, classId: 0x1_0002 })
    expect(link.interface).toBe('netlink')
    expect(queryTc(context, { ...here(), direction: 'ingress' }).filters).toMatchObject([{ directAction: false }])
    expect(tc('filter', 'show', 'dev', 'near', 'ingress')).toContain('flowid 1:2')
    expect(arrives('ingress')).toBe(true)
    expect(program.count()).toBe(1)
  })

  it('are refused a place that is taken', () => {
    using program = load()
    using _link = attach(program, { priority: 20, handle: 7 })
    expect(attachErrorOf(() => attach(program, { priority: 20, handle: 7 })).message).toMatch(
      /Filter already exists|attached there already/,
    )
    expect(qdiscs()).toContain('clsact')
  })

  it('leave a qdisc alone that was there before', () => {
    tc('qdisc', 'add', 'dev', 'near', 'clsact')
    using program = load()
    attach(program, { interfaces: ['netlink'] }).close()
    expect(qdiscs()).toContain('clsact')
  })

  it('leave their qdisc to the last of them, whoever that is', () => {
    using program = load()
    const first = attach(program, { interfaces: ['netlink'] })
    const second = attach(program, { interfaces: ['netlink'], direction: 'egress' })
    first.close()
    expect(qdiscs()).toContain('clsact')
    second.close()
    expect(qdiscs()).not.toContain('clsact')
  })

  it('leave their qdisc to the filters of others', () => {
    using program = load()
    const link = attach(program, { interfaces: ['netlink'] })
    tc('filter', 'add', 'dev', 'near', 'ingress', 'protocol', 'ip', 'prio', '5', 'u32', 'match', 'u32', '0', '0', 'flowid', '1:1')
    expect(queryTc(context, { ...here(), direction: 'ingress' }).foreign).toContainEqual({ kind: 'u32', priority: 5, actions: [] })
    link.close()
    expect(qdiscs()).toContain('clsact')
  })

  it('are seen by tc, and taken away by it without harm', () => {
    using program = load()
    const link = attach(program, { priority: 3, handle: 1 })
    expect(tc('filter', 'show', 'dev', 'near', 'ingress')).toMatch(/pref 3 bpf.*handle 0x1 .*_count direct-action/s)
    tc('filter', 'delete', 'dev', 'near', 'ingress')
    link.close()
    expect(names()).toEqual([])
  })

  it('go with their interface', () => {
    using program = load()
    const link = attach(program, { interfaces: ['netlink'] })
    execFileSync('ip', ['-n', network.near.netns.slice('/run/netns/'.length), 'link', 'delete', 'near'])
    link.close()
  })

  it('of a process that was killed are swept, those of living ones are not', () => {
    using program = load()
    using _mine = attach(program, { priority: 9 })
    const filters = queryTc(context, { ...here(), direction: 'ingress' }).filters
    const name = String(filters[0]?.name)
    const dead = spawnSync('true').pid
    const leftOver = name.replace(/_\d+_\d+_count$/, `_${dead}_1_count`)
    expect(leftOver).not.toBe(name)
    attachNamed(leftOver)
    expect(names()).toHaveLength(2)
    const swept = network.near.inside(() => {
      using route = new NetlinkSocket(sys, NetlinkProtocol.Route)
      return sweepFilters(route, kernel.files, network.near.ifindex)
    })
    expect(swept.map(filter => filter.name)).toEqual([leftOver])
    expect(names()).toHaveLength(1)
  })

  it('of this process are not swept while nothing can be read of processes', () => {
    using program = load()
    using _mine = attach(program, { priority: 9 })
    network.near.inside(() => {
      using route = new NetlinkSocket(sys, NetlinkProtocol.Route)
      const sweep = () => sweepFilters(route, kernel.files, network.near.ifindex)
      expect(() => withFewDescriptors(sys, 0, sweep)).toThrow('EMFILE')
    })
    expect(names()).toHaveLength(1)
  })

  /** A filter that bears the name of another process, as one that was killed leaves it. */
  function attachNamed(name: string): void {
    using program = load()
    network.near.inside(() => {
      using route = new NetlinkSocket(sys, NetlinkProtocol.Route)
      addFilter(route, {
        kind: 'bpf',
        ifindex: network.near.ifindex,
        direction: 'ingress',
        progFd: program.fd,
        name,
        priority: 0,
        handle: 0,
        directAction: true,
      })
    })
  }
})
