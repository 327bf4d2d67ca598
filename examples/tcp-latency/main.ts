/** How long every TCP connection takes to be established. */
import { formatAddress } from '@bpf/maps'
import { type Connection, open } from './object.gen.ts'

const AF_INET = 2

function remote({ family, daddr, daddr_v6, dport }: Connection): string {
  return family === AF_INET ? `${formatAddress(daddr)}:${dport}` : `[${formatAddress(daddr_v6)}]:${dport}`
}

using object = open().load()
object.attach()
console.error('watching; Ctrl-C ends')

for await (const record of object.records('connections')) {
  if (record.kind === 'lost') continue
  const { value: connection } = record
  const milliseconds = Number(connection.latency_ns) / 1e6
  console.log(`${connection.comm.padEnd(16)} ${connection.pid} → ${remote(connection)} in ${milliseconds.toFixed(3)} ms`)
}
