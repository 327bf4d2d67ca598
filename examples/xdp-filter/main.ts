/** Counts the IPv4 packets that arrive at an interface, and drops those from some networks. Usage: main.ts INTERFACE [NETWORK…] */
import { setTimeout } from 'node:timers/promises'
import { open } from './object.gen.ts'

const [device, ...networks] = process.argv.slice(2)
if (device === undefined) {
  console.error('which interface? main.ts eth0 10.1.0.0/16')
  process.exit(2)
}

using object = open().load()
const dropList = object.map('drop_list')
const packets = object.map('packets')
for (const network of networks) dropList.set(network, 0n)
object.attach({ targets: { filter: `xdp=${device}` } })
console.error(`filtering ${device}; Ctrl-C ends`)

const protocols: Readonly<Record<number, string>> = { 1: 'ICMP', 6: 'TCP', 17: 'UDP' }
/** A counter of each CPU, which writes only its own. */
const sum = (counts: readonly bigint[]) => counts.reduce((total, count) => total + count, 0n)

for (;;) {
  await setTimeout(1000)
  for (const [protocol, counts] of packets) {
    const total = sum(counts)
    if (total > 0n) console.log(`${protocols[protocol] ?? `protocol ${protocol}`}: ${total} packets`)
  }
  for (const [network, dropped] of dropList) console.log(`from ${network}: ${dropped} dropped`)
}
