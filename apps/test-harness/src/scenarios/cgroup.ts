import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attachCgroup, type LinkInterface } from '@bpf/attach'
import { inet, inet6Loopback, TestSocket, unix } from '@bpf/attach/testing'
import { SocketFamily, type Sys } from '@bpf/sys'
import type { FeatureName } from '../scenario/features'
import type { Scenario } from '../scenario/types'
import { onHook, prepared } from './every-hook'

const { Inet, Inet6, Unix } = SocketFamily
type Family = typeof Inet | typeof Inet6

const loopback = (family: Family, port: number) => (family === Inet ? inet('127.0.0.1', port) : inet6Loopback(port))

function withSockets(sockets: readonly TestSocket[], action: (...sockets: readonly TestSocket[]) => void): void {
  try {
    action(...sockets)
  } finally {
    for (const socket of sockets) socket.close()
  }
}

/** A datagram over loopback. */
const exchange = (family: Family) => (sys: Sys) => {
  const receiver = TestSocket.udp(sys, family)
  const sender = TestSocket.udp(sys, family)
  withSockets([receiver, sender], () => {
    receiver.bind(loopback(family, 0))
    sender.send('x', loopback(family, receiver.port()))
    receiver.receive()
  })
}

/** A connection over loopback, whose ends are asked for their names. */
const connect = (family: Family) => (sys: Sys) => {
  const listener = TestSocket.tcp(sys, family)
  const client = TestSocket.tcp(sys, family)
  withSockets([listener, client], () => {
    listener.bind(loopback(family, 0))
    listener.listen()
    client.connect(loopback(family, listener.port()))
    client.getPeer()
    client.getName()
  })
}

/** The same over sockets with paths. */
function talkOverPaths(sys: Sys): void {
  const directory = mkdtempSync(join(tmpdir(), 'bpf-test-'))
  const at = (name: string) => unix(join(directory, name))
  const [listener, client, receiver, sender] = [TestSocket.tcp, TestSocket.tcp, TestSocket.udp, TestSocket.udp].map(make => make(sys, Unix))
  try {
    listener?.bind(at('listener'))
    listener?.listen()
    client?.connect(at('listener'))
    client?.getPeer()
    listener?.getName()
    receiver?.bind(at('receiver'))
    sender?.bind(at('sender'))
    sender?.send('x', at('receiver'))
    receiver?.receive()
  } finally {
    for (const socket of [listener, client, receiver, sender]) socket?.close()
    rmSync(directory, { recursive: true })
  }
}

const withSocket = (action: (socket: TestSocket) => void) => (sys: Sys) => {
  const socket = TestSocket.udp(sys)
  withSockets([socket], () => action(socket))
}
const IPPROTO_IP = 0
const IP_TTL = 2

/** Program, what makes it run in its cgroup, and what the kernel must have beyond links. */
const hooks: readonly (readonly [program: string, (sys: Sys) => void, ...FeatureName[]])[] = [
  ['on_ingress', exchange(Inet)],
  ['on_egress', exchange(Inet)],
  ['on_sock_create', withSocket(() => {})],
  ['on_sock_release', withSocket(() => {}), 'cgroup sock_release'],
  ['on_post_bind4', exchange(Inet)],
  ['on_post_bind6', exchange(Inet6)],
  ['on_bind4', exchange(Inet)],
  ['on_bind6', exchange(Inet6)],
  ['on_connect4', connect(Inet)],
  ['on_connect6', connect(Inet6)],
  ['on_connect_unix', talkOverPaths, 'cgroup unix'],
  ['on_sendmsg4', exchange(Inet)],
  ['on_sendmsg6', exchange(Inet6)],
  ['on_sendmsg_unix', talkOverPaths, 'cgroup unix'],
  ['on_recvmsg4', exchange(Inet)],
  ['on_recvmsg6', exchange(Inet6)],
  ['on_recvmsg_unix', talkOverPaths, 'cgroup unix'],
  ['on_getpeername4', connect(Inet), 'cgroup getname'],
  ['on_getpeername6', connect(Inet6), 'cgroup getname'],
  ['on_getpeername_unix', talkOverPaths, 'cgroup unix'],
  ['on_getsockname4', connect(Inet), 'cgroup getname'],
  ['on_getsockname6', connect(Inet6), 'cgroup getname'],
  ['on_getsockname_unix', talkOverPaths, 'cgroup unix'],
  ['on_getsockopt', withSocket(socket => void socket.getOption(IPPROTO_IP, IP_TTL))],
  ['on_setsockopt', withSocket(socket => void socket.setOption(IPPROTO_IP, IP_TTL, 60))],
  ['on_device', () => closeSync(openSync('/dev/null', 'r'))],
  ['on_sysctl', () => void readFileSync('/proc/sys/kernel/ostype')],
  ['on_sockops', connect(Inet)],
]

const group = prepared(t => t.cgroup())

export const cgroupScenarios: readonly Scenario[] = hooks.flatMap(([program, event, ...features]) => {
  const scenario = (via: LinkInterface, more: readonly FeatureName[]) =>
    onHook(program, {
      name: `cgroup ${program.slice('on_'.length)} by ${via}`,
      family: program === 'on_sockops' ? 'sockops' : 'cgroup',
      requires: { features: ['cgroup', ...features, ...more] },
      prepare: group.prepare,
      attach: t => attachCgroup(t.attachContext, t.program(program), { cgroup: group.of(t).path, interfaces: [via] }),
      stimulate: t => group.of(t).inside(() => event(t.attachContext.sys)),
    })
  return [scenario('bpf link', ['cgroup link']), scenario('prog_attach', [])]
})
