import { attachReuseport, attachSocketFilter, attachSockmap, type LinkInterface } from '@bpf/attach'
import { inet, TestSocket } from '@bpf/attach/testing'
import { MapType, mapCreate, mapOps } from '@bpf/sys'
import type { FeatureName } from '../scenario/features'
import type { Scenario, ScenarioContext } from '../scenario/types'
import { onHook, prepared } from './every-hook'

const loopback = (port: number) => inet('127.0.0.1', port)

const receiver = prepared(t => {
  const socket = TestSocket.udp(t.attachContext.sys)
  t.defer(() => socket.close())
  socket.reusePort()
  socket.bind(loopback(0))
  return socket
})

/** Whether it arrives is for the program to say. */
function sendToReceiver(t: ScenarioContext): void {
  const sender = TestSocket.udp(t.attachContext.sys)
  sender.send('hello', loopback(receiver.of(t).port()))
  sender.close()
  receiver.of(t).receive(20)
}

/** A map for sockets; sockets come under the programs that are attached when they are put there. */
const sockets = prepared(t => {
  const { sys } = t.attachContext
  const map = mapCreate(sys, { type: MapType.Sockmap, keySize: 4, valueSize: 4, maxEntries: 2, name: 'sockets' })
  t.defer(() => map.close())
  return map
})

/** A connection over loopback, one end of which is in the map. */
function talk(t: ScenarioContext, end: 'client' | 'server'): void {
  const { sys } = t.attachContext
  const listener = TestSocket.tcp(sys)
  listener.bind(loopback(0))
  listener.listen()
  const client = TestSocket.tcp(sys)
  client.connect(loopback(listener.port()))
  const server = listener.accept()
  try {
    if (server === undefined) throw new Error('nobody connected')
    const ops = mapOps(sys, sockets.of(t).fd, { keySize: 4, valueSize: 4 })
    new DataView(ops.value.buffer, ops.value.byteOffset).setInt32(0, (end === 'client' ? client : server).fd, true)
    const errno = ops.update()
    if (errno !== 0) throw ops.error('update', errno)
    client.send('hello')
    server.receive(200)
  } finally {
    for (const socket of [listener, client, server]) socket?.close()
  }
}

const sockmap = (name: string, program: string, end: 'client' | 'server', features: readonly FeatureName[], interfaces?: LinkInterface[]) =>
  onHook(program, {
    name,
    family: 'sockmap',
    requires: { features: ['sockmap', ...features] },
    prepare: sockets.prepare,
    attach: t => attachSockmap(t.attachContext, t.program(program), { map: sockets.of(t), ...(interfaces && { interfaces }) }),
    stimulate: t => talk(t, end),
  })

const hooks: readonly (readonly [string, string, 'client' | 'server', FeatureName[]])[] = [
  ['sk_skb stream verdict', 'on_stream_verdict', 'server', []],
  ['sk_skb verdict', 'on_verdict', 'server', ['sk_skb verdict']],
  ['sk_msg', 'on_sk_msg', 'client', ['sk_msg']],
]

export const socketScenarios: readonly Scenario[] = [
  onHook('on_socket', {
    name: 'socket filter',
    family: 'socket',
    requires: { features: ['socket filter'] },
    prepare: receiver.prepare,
    attach: t => attachSocketFilter(t.attachContext, t.program('on_socket'), { socket: receiver.of(t).fd }),
    stimulate: sendToReceiver,
  }),
  ...(['on_reuseport', 'on_socket'] as const).map(program =>
    onHook(program, {
      name: `reuseport by a program of ${program === 'on_socket' ? 'sockets' : 'its own kind'}`,
      family: 'reuseport',
      requires: { features: ['reuseport'] },
      prepare: receiver.prepare,
      attach: t => attachReuseport(t.attachContext, t.program(program), { socket: receiver.of(t).fd }),
      stimulate: sendToReceiver,
    }),
  ),
  ...(['bpf link', 'prog_attach'] as const).map(
    (via): Scenario => ({
      name: `sk_skb stream parser by ${via}`,
      family: 'sockmap',
      object: 'every-hook.o',
      programs: ['on_stream_parser', 'on_stream_verdict'],
      requires: { features: ['sockmap', ...(via === 'bpf link' ? (['sockmap link'] as const) : [])] },
      prepare: sockets.prepare,
      // Parsers come first: without a verdict the kernel does not ask them.
      attach: t =>
        ['on_stream_parser', 'on_stream_verdict'].map(program =>
          attachSockmap(t.attachContext, t.program(program), { map: sockets.of(t), interfaces: [via] }),
        ),
      stimulate: t => talk(t, 'server'),
    }),
  ),
  ...hooks.flatMap(([name, program, end, features]) => [
    sockmap(name, program, end, features),
    sockmap(`${name} by bpf link`, program, end, [...features, 'sockmap link'], ['bpf link']),
    sockmap(`${name} by prog_attach`, program, end, features, ['prog_attach']),
  ]),
]
