import { execFileSync } from 'node:child_process'
import { ProgType } from '@bpf/sys'
import { afterAll, describe, expect, it } from 'vitest'
import { countingProgram } from '../testing/counting-program'
import { attachErrorOf } from '../testing/errors'
import { openDescriptors, testContext } from '../testing/test-context'
import { testNetwork } from '../testing/test-network'
import { inet, TestSocket } from '../testing/test-socket'
import { attachLwt, type LwtTarget } from './lwt'

const context = testContext()
const { sys } = context
const network = testNetwork(sys)
const { near, far } = network
afterAll(() => network[Symbol.dispose]())

const inNear = (...command: string[]) =>
  execFileSync('ip', ['netns', 'exec', near.netns.slice('/run/netns/'.length), ...command], { encoding: 'utf8' })
const routes = () => inNear('ip', 'route', 'show', 'table', 'all') + inNear('ip', '-6', 'route', 'show', 'table', 'all')

const pass = 0
const load = (type: 'LwtIn' | 'LwtOut' | 'LwtXmit' | 'LwtSeg6local') =>
  countingProgram(sys, { type: ProgType[type], returns: pass, name: 'tunnel' })
const attach = (program: ReturnType<typeof load>, target: Partial<LwtTarget> = {}) =>
  attachLwt(context, program, { destination: '192.0.2.0/24', via: far.address, interface: near.interface, netns: near.netns, ...target })

function sendFrom(end: typeof near): void {
  using socket = end.inside(() => TestSocket.udp(sys))
  socket.send('hello', inet('192.0.2.1', 4242))
}

describe.each(['LwtOut', 'LwtXmit'] as const)('%s', type => {
  it('runs for packets that take the route, until it is detached', () => {
    const before = openDescriptors()
    const routesBefore = routes()
    {
      using program = load(type)
      const link = attach(program)
      expect(link).toMatchObject({ kind: 'lwt', interface: 'netlink', target: `route to 192.0.2.0/24 by near in ${near.netns}` })
      expect(routes()).toMatch(/192\.0\.2\.0\/24\s+encap bpf/)
      sendFrom(near)
      expect(program.count()).toBe(1)
      link.close()
      link.close()
      sendFrom(near)
      expect(program.count()).toBe(1)
    }
    expect(routes()).toBe(routesBefore)
    expect(openDescriptors()).toBe(before)
  })
})

describe('lwt_in', () => {
  it('runs for packets that are forwarded', () => {
    inNear('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward')
    execFileSync('ip', ['-n', far.netns.slice('/run/netns/'.length), 'route', 'add', '192.0.2.0/24', 'via', near.address])
    using program = load('LwtIn')
    using link = attach(program)
    sendFrom(far)
    expect(program.count()).toBeGreaterThan(0)
    link.close()
    const runs = program.count()
    sendFrom(far)
    expect(program.count()).toBe(runs)
  })
})

describe('lwt_seg6local', () => {
  it('is an action of segment routing', () => {
    using program = load('LwtSeg6local')
    const target = { destination: '2001:db8::1/128', interface: near.interface, netns: near.netns }
    using _link = attachLwt(context, program, target)
    expect(routes()).toMatch(/2001:db8::1\s+encap seg6local action End\.BPF/)
  })
})

describe('a route', () => {
  it('may be of another table', () => {
    using program = load('LwtXmit')
    using _link = attach(program, { table: 1000, metric: 7, headroom: 16 })
    expect(routes()).toMatch(/192\.0\.2\.0\/24\s+encap bpf xmit \S+_tunnel .*table 1000 .*metric 7/)
  })

  it('is not made twice', () => {
    using program = load('LwtXmit')
    using _link = attach(program)
    expect(attachErrorOf(() => attach(program)).message).toContain('there is such a route already')
  })

  it.each<[string, Partial<LwtTarget>, string]>([
    ['no network', { destination: 'here' }, '"here" is no network'],
    ['no address', { via: '::1' }, '"::1" is no address of that family'],
    ['an address out of reach', { via: '172.16.0.1' }, 'invalid gateway'],
    ['no interface', { interface: 'naer' }, 'there is no such network interface'],
  ])('is refused with %s', (_, target, problem) => {
    using program = load('LwtXmit')
    expect(attachErrorOf(() => attach(program, target)).message).toContain(problem)
  })

  it('is for programs that go to routes', () => {
    using program = countingProgram(sys, { type: ProgType.SchedCls })
    expect(attachErrorOf(() => attach(program)).message).toContain('programs of type SchedCls do not go to routes')
  })
})
