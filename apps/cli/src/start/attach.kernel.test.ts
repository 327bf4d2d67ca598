import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { testCgroup, testNetwork } from '@bpf/attach/testing'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { createContext } from '@bpf/loader'
import { ids } from '@bpf/sys'
import { afterEach, describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli'

const fixture = (path: string) => fileURLToPath(new URL(`../../../../packages/fixtures/objects/${path}`, import.meta.url))
const everyType = fixture('legacy/programs.o')

describe.skipIf(process.getuid?.() !== 0)('bpf start --attach (needs root)', () => {
  const context = createContext()
  failOnLeaks(kind => ids(context.sys, kind))
  const pins: string[] = []
  afterEach(() => {
    for (const directory of pins.splice(0)) rmSync(directory, { recursive: true, force: true })
  })
  const start = (...args: string[]) => runCli('start', '--for', '50ms', everyType, ...args)

  it('takes a program to a target that its section does not name: by its name, its section or the first word of it', async () => {
    using cgroup = testCgroup(context, 'cli-start')
    for (const select of ['on_cgroup_skb', 'cgroup/skb', 'cgroup']) {
      const { code, notes } = await start('--only', 'on_cgroup_skb', '--attach', `${select}=${cgroup.path}`)
      expect(notes.find(line => line.includes('link'))).toContain(`→ cgroup cgroup_inet_ingress of cgroup ${cgroup.path}`)
      expect(code).toBe(0)
    }
  })

  it('attaches a program to several targets, the others where their sections say', async () => {
    const targets = ['--attach', 'kprobe=vfs_read', '--attach', 'on_raw_tracepoint=sched_switch', '--attach', 'on_raw_tracepoint=sys_enter']
    const { notes } = await start('--only', 'on_raw_tracepoint', '--only', 'on_tracepoint', ...targets)
    const links = notes.filter(line => line.includes('→')).map(line => line.replace(/.*(on_\S+)\s+→ \S+ (\S+).*/, '$1 $2'))
    expect(links).toEqual(['on_tracepoint sched:sched_process_fork', 'on_raw_tracepoint sched_switch', 'on_raw_tracepoint sys_enter'])
  })

  it('fills entries of redirect maps with their programs, the interface gets the others', async () => {
    using network = testNetwork(context.sys)
    const { interface: name, netns } = network.near
    const place = `netns=${netns}`
    const targets = [`xdp=${name},mode=generic,${place}`, `devmap=ports:3@${name},${place}`, 'xdp/cpumap=cpus:0,queueSize=64']
    const { code, notes } = await runCli(
      'start',
      '--for',
      '50ms',
      fixture('attach/redirect.o'),
      ...targets.flatMap(text => ['--attach', text]),
    )
    const links = notes.filter(line => line.includes('→')).map(line => line.replace(/.*✓ link +(\S+) +→ (\S+) .*/, '$1 $2'))
    expect(links).toEqual(['arrive xdp', 'leave devmap', 'move cpumap'])
    expect(code).toBe(0)
  })

  it('runs XDP programs of one interface one after the other', async () => {
    using network = testNetwork(context.sys)
    const { interface: name, netns } = network.near
    const target = `count_all=${name},dispatch,priority=7,mode=generic,netns=${netns}`
    const { code, notes } = await runCli('start', '--for', '50ms', fixture('attach/xdp-chain.o'), '--only', 'count_all', '--attach', target)
    // Where code cannot be patched it runs alone.
    expect(notes.find(line => line.includes('→'))).toMatch(/count_all +→ xdp .*(?:dispatcher|netlink)/)
    expect(code).toBe(0)
  })

  it('reports a program that cannot be attached, and runs the rest', async () => {
    const { code, notes } = await start('--only', 'on_raw_tracepoint', '--only', 'on_xdp', '--attach', 'xdp=no-such-if')
    expect(notes.find(line => line.startsWith('✗'))).toContain('on_xdp')
    expect(notes.filter(line => line.includes('→'))).toHaveLength(1)
    expect(code).toBe(0)
  })

  it('fails if there is nothing left to run', async () => {
    const { code, notes } = await start('--only', 'on_xdp', '--attach', 'xdp=no-such-if')
    expect(notes.join('\n')).toContain('error:')
    expect(code).toBe(1)
  })

  it('knows a misspelt program', async () => {
    const { code, notes } = await start('--attach', 'on_xpd=lo')
    expect(notes.join('\n')).toContain('did you mean "on_xdp"')
    expect(code).toBe(1)
  })

  it.skipIf(!existsSync('/sys/fs/bpf'))('--pin leaves it attached (needs a bpf file system)', async () => {
    using cgroup = testCgroup(context, 'cli-pin')
    const directory = mkdtempSync('/sys/fs/bpf/cli-start-')
    pins.push(directory)
    const { code } = await start('--only', 'on_cgroup_skb', '--attach', `cgroup=${cgroup.path}`, '--pin', directory)
    expect(code).toBe(0)
    expect(readdirSync(`${directory}/links`)).toEqual(['on_cgroup_skb'])
    rmSync(directory, { recursive: true })
  })
})
