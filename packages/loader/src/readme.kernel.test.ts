import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setInterval } from 'node:timers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { bundle } from './testing/bundle'
import { isRoot } from './testing/kernel'

const objects = fileURLToPath(new URL('../../fixtures/objects/examples/', import.meta.url))
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code)

/** The example that has `telling` in it, as a program of its own. */
async function programOf(telling: string, directory = '') {
  const code = examples.find(example => example.includes(telling)) ?? expect.unreachable()
  const source = new URL(`./readme-${process.pid}.ts`, import.meta.url)
  const objectsFound = code.replaceAll(/\('([\w-]+\.o)'\)/g, (_, object) => `('${objects}${object}')`)
  writeFileSync(source, objectsFound.replace('@bpf/loader', './index').replace('/sys/fs/bpf/syscall-count', directory))
  try {
    return await bundle(source)
  } finally {
    rmSync(source)
  }
}

interface RunOptions {
  readonly command?: readonly string[]
  /** Again and again while it runs. */
  readonly meanwhile?: () => void
  /** Ends it when its output has this. */
  readonly until?: string
}

/** What a program prints. */
async function run(path: string, { command = [], meanwhile = () => {}, until }: RunOptions = {}): Promise<string> {
  const [program = '', ...args] = [...command, process.execPath, path]
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', chunk => {
    output += chunk
    if (until !== undefined && output.includes(until)) child.kill()
  })
  const driving = setInterval(meanwhile, 100)
  try {
    await once(child, 'close')
  } finally {
    clearInterval(driving)
    child.kill()
  }
  return output
}

/** A packet every 50 ms, from a process in that network namespace. */
function sendBroadcasts(netns: string, address: string): Disposable {
  const code = `const socket = require('node:dgram').createSocket('udp4')
    socket.bind(() => { socket.setBroadcast(true); setInterval(() => socket.send('x', 9, '${address}'), 50) })`
  const sender = spawn('ip', ['netns', 'exec', netns, process.execPath, '-e', code], { stdio: ['ignore', 'ignore', 'inherit'] })
  return { [Symbol.dispose]: () => void sender.kill() }
}

describe.skipIf(!isRoot)('the examples of the README (needs root)', { timeout: 30_000 }, () => {
  it('shows programs that start', async () => {
    using program = await programOf('execsnoop.o')
    const output = await run(program.path, { meanwhile: () => void spawn('/bin/true'), until: '/bin/true' })
    expect(output).toMatch(/→ sched:sched_process_exec by bpf link/)
    expect(output).toContain("filename: '/bin/true'")
  })

  it('counts system calls', async () => {
    using program = await programOf('interface SyscallCount')
    expect(await run(program.path)).toMatch(/^system call \d+: [1-9]\d* times$/m)
  })

  it('drops packets when it is told to', async () => {
    using program = await programOf('xdp-switch.o')
    const netns = `bpf-readme-${process.pid}`
    const ip = (...args: string[]) => execFileSync('ip', ['-n', netns, ...args])
    execFileSync('ip', ['netns', 'add', netns])
    try {
      ip('link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'peer')
      ip('link', 'set', 'eth0', 'up')
      ip('link', 'set', 'peer', 'up')
      ip('addr', 'add', '192.0.2.1/24', 'dev', 'peer')
      using _sender = sendBroadcasts(netns, '192.0.2.255')
      const output = await run(program.path, { command: ['ip', 'netns', 'exec', netns] })
      expect(output).toMatch(/^[1-9]\d*n of [1-9]\d*n dropped$/m)
    } finally {
      execFileSync('ip', ['netns', 'delete', netns])
    }
  })

  it('goes on without its process', async () => {
    const directory = `/sys/fs/bpf/bpf-readme-${process.pid}`
    using program = await programOf('takeOver', directory)
    try {
      expect(await run(program.path)).toMatch(/^[1-9]\d* system calls seen by sys_enter$/m)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })
})
