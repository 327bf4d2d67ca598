import { execFileSync } from 'node:child_process'
import { inNetworkNamespace, interfaceIndex, type Sys } from '@bpf/sys'
import { inet, TestSocket } from './test-socket'

/** One end of a cable between two network namespaces. */
export interface TestEnd {
  /** `/run/netns/…`, as targets take it. */
  readonly netns: string
  readonly interface: string
  readonly ifindex: number
  readonly address: string
  /** Runs a synchronous `action` in the namespace. */
  inside<T>(action: () => T): T
}

/** Two namespaces joined by a veth pair, with addresses, nothing else on the wire; gone at the end. */
export interface TestNetwork extends Disposable {
  readonly near: TestEnd
  readonly far: TestEnd
  /** Sends a datagram from one end to the other; whether it came through. */
  send(from: TestEnd, to: TestEnd, patience?: number): boolean
}

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'inherit'] })
const port = 4242
const usualPatience = 100
let networks = 0

export function testNetwork(sys: Sys): TestNetwork {
  const unique = `bpf-attach-${process.pid}-${networks++}`
  const ends = ['near', 'far'].map((name, index) => ({
    netns: `${unique}-${name}`,
    interface: name,
    address: `10.11.12.${index + 1}`,
    mac: `02:00:00:00:00:0${index + 1}`,
  }))
  const [near, far] = ends as [(typeof ends)[0], (typeof ends)[0]]
  const remove = () => {
    for (const { netns } of ends) ip('netns', 'delete', netns)
  }

  for (const { netns } of ends) ip('netns', 'add', netns)
  try {
    ip(
      '-n',
      near.netns,
      'link',
      'add',
      near.interface,
      'address',
      near.mac,
      'type',
      'veth',
      'peer',
      'name',
      far.interface,
      'address',
      far.mac,
      'netns',
      far.netns,
    )
    for (const end of ends) {
      const other = end === near ? far : near
      const inside = (...args: string[]) => ip('-n', end.netns, ...args)
      inside('link', 'set', 'lo', 'up')
      // No router solicitations and the like: tests count packets.
      inside('link', 'set', end.interface, 'addrgenmode', 'none', 'up')
      inside('address', 'add', `${end.address}/24`, 'dev', end.interface)
      inside('neigh', 'add', other.address, 'lladdr', other.mac, 'dev', end.interface, 'nud', 'permanent')
    }
  } catch (error) {
    remove()
    throw error
  }

  const endOf = ({ netns, interface: name, address }: (typeof ends)[0]): TestEnd => {
    const path = `/run/netns/${netns}`
    const inside = <T>(action: () => T): T => inNetworkNamespace(sys, path, action)
    return { netns: path, interface: name, address, inside, ifindex: inside(() => interfaceIndex(sys, name)) }
  }
  return {
    near: endOf(near),
    far: endOf(far),
    send(from, to, patience = usualPatience) {
      using receiver = to.inside(() => TestSocket.udp(sys))
      using sender = from.inside(() => TestSocket.udp(sys))
      receiver.bind(inet(to.address, port))
      sender.send('hello', inet(to.address, port))
      return receiver.receive(patience) === 'hello'
    },
    [Symbol.dispose]: remove,
  }
}
