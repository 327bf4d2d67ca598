/** Every host name that programs ask the C library for. Usage: main.ts [PID] */
import { open } from './object.gen.ts'

const [pid] = process.argv.slice(2)

using object = open().load()
object.attach(pid === undefined ? {} : { targets: { on_getaddrinfo: `uprobe=libc.so.6:getaddrinfo,pid=${pid}` } })
console.error('watching; Ctrl-C ends')

for await (const record of object.records('questions')) {
  if (record.kind === 'lost') continue
  const { comm, pid, name } = record.value
  console.log(`${comm.padEnd(16)} ${pid} asks for ${name}`)
}
