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

/** Lines of commands for one `ip`, perhaps in a namespace: to start it for each of them takes long under emulation. */
const ip = (lines: readonly string[], ...options: readonly string[]) =>
  execFileSync('ip', [...options, '-batch', '-'], { input: lines.join('\n'), stdio: ['pipe', 'pipe', 'inherit'] })
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
  const remove = () => ip(ends.map(({ netns }) => `netns delete ${netns}`))

  ip(ends.map(({ netns }) => `netns add ${netns}`))
  try {
    const device = (end: typeof near) => `name ${end.interface} address ${end.mac} netns ${end.netns}`
    ip([`link add ${device(near)} type veth peer ${device(far)}`])
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ip(
        [
          'link set lo up',
          // No router solicitations and the like: tests count packets.
          `link set ${end.interface} addrgenmode none up`,
          `address add ${end.address}/24 dev ${end.interface}`,
          `neigh add ${other.address} lladdr ${other.mac} dev ${end.interface} nud permanent`,
        ],
        '-n',
        end.netns,
      )
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
