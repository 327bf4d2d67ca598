import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { AttachType, openFile, ProgType, SocketFamily } from '@bpf/sys'
import { afterAll, describe, expect, it } from 'vitest'
import { attachNetfilter, type NetfilterTarget } from './netfilter'
import { countingProgram } from './testing/counting-program'
import { attachErrorOf } from './testing/errors'
import { openDescriptors, testContext } from './testing/test-context'
import { type TestEnd, testNetwork } from './testing/test-network'
import { inet, inet6, TestSocket } from './testing/test-socket'

const context = testContext()
const { sys, kernel } = context
const hasNetfilter = kernel.features.attachType(AttachType.Netfilter) === true
const network = testNetwork(sys)
const { near, far } = network
afterAll(() => network[Symbol.dispose]())

const nameOf = ({ netns }: TestEnd) => netns.slice('/run/netns/'.length)

function sendTo(from: TestEnd, family: number, to: Uint8Array, text = 'hello'): void {
  using socket = from.inside(() => TestSocket.udp(sys, family))
  socket.send(text, to)
}

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

  it('postrouting judges what leaves, in a namespace that is given by descriptor', () => {
    using program = load()
    using netns = openFile(sys, near.netns)
    using _link = attach(program, { hook: 'postrouting', netns: netns.fd })
    expect(network.send(near, far)).toBe(false)
    expect(program.count()).toBe(1)
  })

  it('forward judges what is passed on', () => {
    near.inside(() => writeFileSync('/proc/sys/net/ipv4/ip_forward', '1'))
    execFileSync('ip', ['-n', nameOf(far), 'route', 'add', '192.0.2.0/24', 'via', near.address])
    execFileSync('ip', ['-n', nameOf(near), 'route', 'add', '192.0.2.0/24', 'via', far.address])
    using program = load()
    using link = attach(program, { hook: 'forward' })
    sendTo(far, SocketFamily.Inet, inet('192.0.2.1', 4242))
    expect(program.count()).toBe(1)
    link.close()
    sendTo(far, SocketFamily.Inet, inet('192.0.2.1', 4242))
    expect(program.count()).toBe(1)
  })

  it('sees IPv6 where it is attached to that family', () => {
    for (const [end, address] of [
      [near, '2001:db8::1'],
      [far, '2001:db8::2'],
    ] as const)
      execFileSync('ip', ['-n', nameOf(end), 'address', 'add', `${address}/64`, 'dev', end.interface, 'nodad'])
    using program = load()
    using older = load()
    using _link = attach(program, { family: 'ipv6', hook: 'output' })
    using _older = attach(older, { hook: 'output' })
    sendTo(near, SocketFamily.Inet6, inet6('2001:db8::2', 4242))
    expect(program.count()).toBeGreaterThan(0)
    expect(older.count()).toBe(0)
  })

  it('sees whole packets where they are put together first', () => {
    const large = 'x'.repeat(4000)
    const send = () => sendTo(far, SocketFamily.Inet, inet(near.address, 4242), large)
    using pieces = load(verdict.accept)
    using whole = load(verdict.accept)
    using _pieces = attach(pieces, { hook: 'prerouting', priority: -500 })
    using _whole = attach(whole, { hook: 'prerouting', priority: -100, defragment: true })
    send()
    expect([pieces.count(), whole.count()]).toEqual([3, 1])
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
