/** What the processes of a cgroup send, by destination, once a second. Usage: main.ts /sys/fs/cgroup/web */
import { setTimeout } from 'node:timers/promises'
import { formatAddress } from '@bpf/maps'
import { open } from './object.gen.ts'

const [cgroup] = process.argv.slice(2)
if (cgroup === undefined) {
  console.error('which cgroup? main.ts /sys/fs/cgroup/web')
  process.exit(2)
}

using object = open().load()
object.attach({ targets: { account: cgroup } })
console.error(`accounting ${cgroup}; Ctrl-C ends`)

for (;;) {
  await setTimeout(1000)
  const busiest = [...object.map('destinations')].toSorted(([, a], [, b]) => Number(b.bytes - a.bytes))
  for (const [address, { packets, bytes }] of busiest) {
    console.log(`${formatAddress(address).padEnd(15)} ${packets} packets, ${bytes} bytes`)
  }
}
