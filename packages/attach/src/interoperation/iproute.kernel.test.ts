import { AttachType, progAttach, progDetach } from '@bpf/sys'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { attachLwt } from '../lwt/lwt'
import { queryNet } from '../query/net'
import { attachTc, queryTc } from '../tc/tc'
import { attachErrorOf } from '../testing/errors'
import { attachObject, commandsIn, pinDirectory, printedBy, programsOf, rememberDirectories } from '../testing/other-tools'
import { testContext } from '../testing/test-context'
import { type TestNetwork, testNetwork } from '../testing/test-network'
import { attachXdp, queryXdp } from '../xdp/xdp'

/** What ip and tc attach is seen here and respected, and they see what is attached here. */
const context = testContext()
const { sys, kernel } = context
const { idOf, ...load } = programsOf(sys)

const removeDirectories = rememberDirectories(kernel.ensureBpffs())
afterAll(removeDirectories)

let network: TestNetwork
beforeEach(() => {
  network = testNetwork(sys)
})
afterEach(() => network[Symbol.dispose]())
const here = () => ({ interface: network.near.interface, netns: network.near.netns })
const run = (command: string, ...args: string[]) => commandsIn(network.near).run(command, ...args)
const tcOf = (direction: 'ingress' | 'egress') => queryTc(context, { ...here(), direction })
const programsAt = (direction: 'ingress' | 'egress') => tcOf(direction).filters.map(({ programName }) => programName)
const nearState = () => queryNet(context, { netns: network.near.netns })
/** By its pin, which versions of ip and tc without libbpf take too. */
const withPin = (program: ReturnType<typeof load.filter>, action: (path: string) => void) => {
  using pins = pinDirectory(sys, kernel.ensureBpffs())
  action(pins.pin(program))
}
const loadsObjects = /libbpf/.test(printedBy('ip', '-V'))

describe.skipIf(!loadsObjects)('ip and tc load objects (need iproute2 with libbpf)', () => {
  it('attach XDP programs that we see, respect and replace', () => {
    using ours = load.xdp('ours')
    run('ip', 'link', 'set', 'near', 'xdpgeneric', 'obj', attachObject('xdp-chain.o'), 'sec', 'xdp')
    expect(queryXdp(context, here())).toMatchObject([{ mode: 'generic', programName: 'count_all' }])
    expect(attachErrorOf(() => attachXdp(context, ours, { ...here(), mode: 'generic' })).message).toContain('"count_all"')
    using _link = attachXdp(context, ours, { ...here(), mode: 'generic', replace: 'any' })
    expect(run('ip', 'link', 'show', 'near')).toContain(`prog/xdp id ${idOf(ours)}`)
  })

  it('attach filters that run with ours, and list ours', () => {
    using filter = load.filter('ours')
    run('tc', 'qdisc', 'add', 'dev', 'near', 'clsact')
    run('tc', 'filter', 'add', 'dev', 'near', 'ingress', 'prio', '5', 'bpf', 'da', 'obj', attachObject('freplace.o'), 'sec', 'tc')
    const link = attachTc(context, filter, { ...here(), direction: 'ingress', priority: 9 })
    expect(tcOf('ingress').filters).toMatchObject([
      { priority: 5, programName: 'target', directAction: true },
      { priority: 9, programName: 'ours' },
    ])
    expect(run('tc', 'filter', 'show', 'dev', 'near', 'ingress')).toMatch(new RegExp(`pref 9 bpf .*id ${idOf(filter)}`, 's'))
    link.close()
    expect(programsAt('ingress')).toEqual(['target'])
    expect(run('tc', 'qdisc', 'show', 'dev', 'near')).toContain('clsact')
  })
})

describe('tc (needs iproute2)', () => {
  it('has an ingress qdisc, which is of what is received only', () => {
    using theirs = load.filter('theirs')
    using ours = load.filter('ours')
    run('tc', 'qdisc', 'add', 'dev', 'near', 'ingress')
    withPin(theirs, path => run('tc', 'filter', 'add', 'dev', 'near', 'parent', 'ffff:', 'prio', '9', 'bpf', 'da', 'pinned', path))
    expect([programsAt('ingress'), programsAt('egress')]).toEqual([['theirs'], []])
    const error = attachErrorOf(() => attachTc(context, ours, { ...here(), direction: 'egress', interfaces: ['netlink'] }))
    expect(error.message).toContain('an ingress qdisc')
    const link = attachTc(context, ours, { ...here(), direction: 'ingress', priority: 3 })
    expect([programsAt('ingress'), programsAt('egress')]).toEqual([['ours', 'theirs'], []])
    network.send(network.near, network.far)
    expect(ours.count()).toBe(0)
    network.send(network.far, network.near)
    expect(ours.count()).toBe(1)
    link.close()
    expect(programsAt('ingress')).toEqual(['theirs'])
    expect(run('tc', 'qdisc', 'show', 'dev', 'near')).toContain('ingress ffff:')
  })

  it('sorts what is sent into queues by programs, which we tell', () => {
    using program = load.filter('sorting')
    using inner = load.filter('inner')
    run('tc', 'qdisc', 'add', 'dev', 'near', 'root', 'handle', '1:', 'htb', 'default', '10')
    run('tc', 'class', 'add', 'dev', 'near', 'parent', '1:', 'classid', '1:10', 'htb', 'rate', '1gbit')
    run('tc', 'class', 'add', 'dev', 'near', 'parent', '1:10', 'classid', '1:20', 'htb', 'rate', '1gbit')
    withPin(program, path => run('tc', 'filter', 'add', 'dev', 'near', 'parent', '1:', 'prio', '4', 'bpf', 'pinned', path))
    withPin(inner, path => run('tc', 'filter', 'add', 'dev', 'near', 'parent', '1:10', 'prio', '5', 'bpf', 'pinned', path))
    const near = nearState().interfaces.find(({ name }) => name === 'near')
    expect(near?.queues).toMatchObject([
      { qdisc: 'htb', parent: '1:', filters: [{ priority: 4, programName: 'sorting', directAction: false }], foreign: [] },
      { qdisc: 'htb', parent: '1:10', filters: [{ priority: 5, programName: 'inner' }] },
    ])
  })
})

describe('ip (needs iproute2)', () => {
  it('makes routes through programs that we tell and respect', () => {
    using theirs = load.tunnel('theirs')
    using ours = load.tunnel('ours')
    const { near, far } = network
    withPin(theirs, path =>
      run('ip', 'route', 'add', '192.0.2.0/24', 'encap', 'bpf', 'xmit', 'pinned', path, 'via', far.address, 'dev', 'near'),
    )
    const destination = '192.0.2.0/24'
    expect(nearState().routes).toMatchObject([{ destination, table: 254, ifindex: near.ifindex, hook: 'lwt_xmit' }])
    expect(nearState().routes[0]?.name).toContain('theirs')
    const target = { ...here(), destination, via: far.address }
    expect(attachErrorOf(() => attachLwt(context, ours, target)).message).toContain('there is such a route already')
    using _link = attachLwt(context, ours, { ...target, metric: 7, table: 1000 })
    expect(nearState().routes).toContainEqual(
      expect.objectContaining({ destination, table: 1000, hook: 'lwt_xmit', name: expect.stringMatching(/_ours$/) }),
    )
    expect(run('ip', 'route', 'show', 'table', 'all')).toMatch(/192\.0\.2\.0\/24\s+encap bpf xmit \S+_ours/)
  })
})

describe('a tcx program that somebody attached without a link', () => {
  it('is seen, and ours are put before and after it', () => {
    using theirs = load.filter('theirs')
    using before = load.filter('before')
    using after = load.filter('after')
    const hook = { targetIfindex: network.near.ifindex, attachType: AttachType.TcxIngress } as const
    network.near.inside(() => progAttach(sys, { ...hook, progFd: theirs.fd }))
    try {
      using _after = attachTc(context, after, { ...here(), direction: 'ingress', place: { after: { program: theirs } } })
      using _before = attachTc(context, before, { ...here(), direction: 'ingress', place: { before: { program: theirs } } })
      const { programs } = tcOf('ingress').tcx
      expect(programs.map(({ programName, linkId }) => [programName, linkId !== undefined])).toEqual([
        ['before', true],
        ['theirs', false],
        ['after', true],
      ])
    } finally {
      network.near.inside(() => progDetach(sys, { ...hook, progFd: theirs.fd }))
    }
  })
})
