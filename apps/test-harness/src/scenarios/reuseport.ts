import { attachReuseport } from '@bpf/attach'
import { inet, TestSocket } from '@bpf/attach/testing'
import type { DescriptorMap } from '@bpf/loader'
import { SocketFamily, type Sys } from '@bpf/sys'
import type { Scenario, ScenarioContext, TestNetwork } from '../scenario/types'
import { prepared } from './every-hook'

/** Two sockets of one port at the near end of the cable. */
interface Group {
  readonly network: TestNetwork
  readonly sockets: readonly [TestSocket, TestSocket]
  readonly port: number
}

function join(t: ScenarioContext, make: (sys: Sys) => TestSocket, listen: boolean): Group {
  const network = t.network()
  let port = 0
  const member = () => {
    const socket = network.near.inside(() => make(t.attachContext.sys))
    t.defer(() => socket.close())
    socket.reusePort()
    socket.bind(inet(network.near.address, port))
    port = socket.port()
    if (listen) socket.listen()
    return socket
  }
  return { network, sockets: [member(), member()], port }
}

/** Puts the sockets into the map that the program chooses from, and the program on the group: any socket does. */
function attach(t: ScenarioContext, program: string, { sockets }: Group) {
  const map = t.object.map('sockets') as unknown as DescriptorMap<number>
  for (const [index, socket] of sockets.entries()) map.set(index, socket)
  return attachReuseport(t.attachContext, t.program(program), { socket: sockets[1].fd })
}

/** What the far end sends to the group: the socket that gets it. */
function receivedBy(t: ScenarioContext, { network, sockets, port }: Group): number {
  const sender = network.far.inside(() => TestSocket.udp(t.attachContext.sys))
  sender.send('hello', inet(network.near.address, port))
  sender.close()
  return sockets.findIndex(socket => socket.receive(200) === 'hello')
}

const packets = prepared(t => join(t, TestSocket.udp, false))
const connections = prepared(t => join(t, TestSocket.tcp, true))

function connect(t: ScenarioContext, { network, port }: Group): TestSocket {
  const client = network.far.inside(() => TestSocket.tcp(t.attachContext.sys, SocketFamily.Inet))
  t.defer(() => client.close())
  const errno = client.connect(inet(network.near.address, port))
  if (errno !== 0) throw new Error(`connecting: error ${errno}`)
  return client
}

function expectEqual(what: string, value: unknown, expected: unknown): void {
  if (value !== expected) throw new Error(`${what}: ${value}, expected ${expected}`)
}

export const reuseportScenarios: readonly Scenario[] = [
  {
    name: 'reuseport, the program chooses who gets a packet',
    family: 'reuseport',
    object: 'reuseport.o',
    programs: ['on_packet'],
    requires: { features: ['reuseport'], modules: ['veth'], commands: ['ip'] },
    prepare: packets.prepare,
    attach: t => attach(t, 'on_packet', packets.of(t)),
    effect: t => t.read('selected') as bigint,
    stimulate: t => void receivedBy(t, packets.of(t)),
    check(t) {
      for (const index of [1, 0, 1, 1, 0]) {
        t.object.variable('chosen').set(index)
        expectEqual('the socket that got it', receivedBy(t, packets.of(t)), index)
      }
    },
  },
  {
    name: 'reuseport, a connection that waits for a socket that is closed goes to another',
    family: 'reuseport',
    object: 'reuseport.o',
    programs: ['on_migration'],
    requires: { features: ['reuseport migration'], modules: ['veth'], commands: ['ip'] },
    prepare: connections.prepare,
    attach: t => attach(t, 'on_migration', connections.of(t)),
    check(t) {
      const [first, second] = connections.of(t).sockets
      const client = connect(t, connections.of(t))
      expectEqual('connections', t.read('selected'), 1n)
      t.object.variable('chosen').set(1)
      first.close()
      expectEqual('migrations', t.read('migrated'), 1n)
      const server = second.accept()
      if (server === undefined) throw new Error('the other socket has not got the connection')
      t.defer(() => server.close())
      client.send('hello')
      expectEqual('what arrives', server.receive(), 'hello')
    },
    checkDetached(t) {
      const { sockets } = connections.of(t)
      connect(t, connections.of(t))
      sockets[1].close()
      expectEqual('runs once it is detached', `${t.read('selected')} ${t.read('migrated')}`, '1 1')
    },
  },
]
