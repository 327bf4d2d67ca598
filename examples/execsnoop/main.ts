/** Every program that starts, and every process that ends. Usage: main.ts [PID] */
import { open } from './object.gen.ts'

const [pid = '0'] = process.argv.slice(2)

using object = open().set('target_pid', Number(pid)).load()
object.attach()
console.error('watching; Ctrl-C ends')

for await (const record of object.records('events')) {
  if (record.kind === 'lost') continue
  const { value: event } = record
  const who = `${String(event.pid).padStart(7)} ${event.comm.padEnd(16)}`
  if (event.kind === 'EXEC') console.log(`${who} starts ${event.filename}`)
  else console.log(`${who} ends with ${event.exit_code}, after ${Number(event.duration_ns / 1_000_000n)} ms`)
}
