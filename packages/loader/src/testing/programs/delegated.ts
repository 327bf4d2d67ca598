import { execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { mountFilesystem, openFilesystem, placeMount } from '@bpf/sys'
import { createContext, open } from '../../index'

/**
 * In a user namespace of its own: asks whoever started it to let a bpf file system delegate rights, then loads the object
 * named first by them, attaches its program `watch` to the loopback of its network namespace, and says what came of it.
 */
const [path = ''] = process.argv.slice(2)
const context = createContext()
{
  using filesystem = openFilesystem(context.sys, 'bpf')
  process.stdout.write(`${filesystem.fd}\n`)
  await once(process.stdin, 'data')
  using mounted = mountFilesystem(context.sys, filesystem.fd)
  placeMount(context.sys, mounted.fd, '/sys/fs/bpf')
}
try {
  using object = open(path, { context }).load()
  const { links } = object.attach({ targets: { watch: { xdp: { interface: 'lo', mode: 'generic' } } } })
  execFileSync('ip', ['link', 'set', 'lo', 'up'])
  const socket = createSocket('udp4')
  while (object.variable('packets').get() === 0n) {
    socket.send('x', 9, '127.0.0.1')
    await setTimeout(10)
  }
  socket.close()
  object.pin('/sys/fs/bpf/delegated')
  process.stdout.write(`${JSON.stringify({ links: links.map(link => link.interface) })}\n`)
} catch (error) {
  const { code, message, hint } = error as { code?: string; message?: string; hint?: string }
  process.stdout.write(`${JSON.stringify({ code, message, hint })}\n`)
}
process.exit()
