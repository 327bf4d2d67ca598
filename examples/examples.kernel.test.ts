import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { testCgroup, testNetwork } from '@bpf/attach/testing'
import { createContext } from '@bpf/loader'
import { describe, expect, it } from 'vitest'
import { withExample } from './start-example'

const isRoot = process.getuid?.() === 0
const patience = { timeout: 120_000 }

describe.skipIf(!isRoot)('examples (need root)', () => {
  it('execsnoop shows programs that start and end', patience, () =>
    withExample('execsnoop', [], async example => {
      await example.until(/true +starts \/bin\/true\n/, () => spawnSync('/bin/true'))
      await example.until(/true +ends with 0, after \d+ ms\n/, () => spawnSync('/bin/true'))
    }),
  )

  it('tcp-latency shows how long connections take', patience, () =>
    withExample('tcp-latency', [], async example => {
      const server = createServer(socket => socket.destroy()).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const address = server.address()
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0
      try {
        await example.until(
          new RegExp(`${process.pid} → 127\\.0\\.0\\.1:${port} in \\d+\\.\\d{3} ms\\n`),
          () => void connect(port, '127.0.0.1').resume(),
        )
      } finally {
        server.close()
      }
    }),
  )

  it('xdp-filter counts packets and drops those of a network', patience, async () => {
    const { sys } = createContext()
    using network = testNetwork(sys)
    const { near, far } = network
    const inside = ['ip', 'netns', 'exec', far.netns.replace('/run/netns/', '')]
    await withExample(
      'xdp-filter',
      [far.interface, '10.11.0.0/16'],
      async example => {
        await example.until(/filtering/)
        expect(network.send(near, far)).toBe(false)
        await example.until(/UDP: [1-9]\d* packets\n(.*\n)*from 10\.11\.0\.0\/16: [1-9]\d* dropped\n/)
      },
      inside,
    )
    expect(network.send(near, far, 10_000)).toBe(true)
  })

  it('cgroup-egress shows what a cgroup sends', patience, async () => {
    using cgroup = testCgroup(createContext(), 'egress')
    const send = "require('node:dgram').createSocket('udp4').send('hello', 4242, '127.0.0.1', () => process.exit())"
    await withExample('cgroup-egress', [cgroup.path], async example => {
      await example.until(/accounting/)
      const sender = spawnSync('sh', ['-c', `echo $$ > ${cgroup.path}/cgroup.procs; exec "$0" -e "$1"`, process.execPath, send])
      expect(sender.status).toBe(0)
      await example.until(/127\.0\.0\.1 +1 packets, 33 bytes\n/)
    })
  })

  it('profile names what a busy process does', patience, async () => {
    const busy = spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' })
    try {
      await withExample('profile', ['2', String(busy.pid)], async example => {
        await example.ended
        expect(example.output()).toMatch(new RegExp(`[1-9]\\d* samples of sh, ${busy.pid}\\n {4}\\S+`))
      })
    } finally {
      busy.kill()
    }
  })

  it('resolve-names shows what is looked up', patience, () =>
    withExample('resolve-names', [], async example => {
      await example.until(/watching/)
      const lookUp = () => execFileSync(process.execPath, ['-e', "require('node:dns').lookup('example.invalid', () => {})"])
      await example.until(/ asks for example\.invalid\n/, lookUp)
    }),
  )

  it('file-audit shows files, or says why it may not', patience, () =>
    withExample('file-audit', [], async example => {
      const opens = () => spawnSync('cat', ['/etc/hostname'])
      await example.until(/cat +\d+ of user 0 reads +hostname\n/, opens).catch(() => {
        expect(example.output()).toMatch(/lsm/i)
        expect(example.output()).toMatch(/^hint: /m)
      })
    }),
  )
})
