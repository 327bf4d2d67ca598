import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cgroupRoot, findLeftovers, queryCgroupTree, queryNet } from '@bpf/attach'
import { openKernel } from '@bpf/kernel'
import { createSys } from '@bpf/sys'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bundle, bundle } from './testing/bundle'
import type { Order } from './testing/programs/attach-and-stay'

describe.skipIf(process.getuid?.() !== 0)('what a process that is killed leaves attached (needs root)', () => {
  const sys = createSys()
  const kernel = openKernel(sys)
  const name = `bpf-leftovers-${process.pid}`
  const netns = `/run/netns/${name}`
  const cgroup = join(cgroupRoot(kernel) ?? '/sys/fs/cgroup', name)
  const runDirectory = mkdtempSync(join(tmpdir(), 'bpf-leftovers-'))
  const structOps = fileURLToPath(new URL('../../fixtures/objects/attach/struct-ops.o', import.meta.url))
  const order: Order = { runDirectory, netns, cgroup, interface: 'near', structOps }
  const context = { sys, kernel, runDirectory }
  const ip = (...args: string[]) => execFileSync('ip', ['-n', name, ...args], { encoding: 'utf8' })
  let program: Bundle

  beforeAll(async () => {
    program = await bundle(new URL('./testing/programs/attach-and-stay.ts', import.meta.url))
    mkdirSync(cgroup)
    execFileSync('ip', ['netns', 'add', name])
    ip('link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far')
    for (const end of ['near', 'far']) ip('link', 'set', end, 'up')
  })
  afterAll(() => {
    program[Symbol.dispose]()
    execFileSync('ip', ['netns', 'delete', name])
    rmdirSync(cgroup)
    rmSync(runDirectory, { recursive: true })
  })

  const start = (killAfter?: number) =>
    spawn(process.execPath, [program.path, JSON.stringify({ ...order, killAfter })], { stdio: ['ignore', 'pipe', 'inherit'] })

  /** Other tests may leave things behind at the same time. */
  const leftBy = ({ pid }: ChildProcess) =>
    findLeftovers(context).filter(
      ({ kind, description }) =>
        description.includes(name) ||
        (kind === 'tracefs event' && description.includes(`_${pid}_`)) ||
        description.includes('flow_dissector of') ||
        kind === 'struct_ops',
    )

  /** Whatever is attached, by any means other than ours. */
  function attached(): readonly string[] {
    const { interfaces, flowDissector } = queryNet(context, { netns })
    const near = interfaces.find(device => device.name === 'near')
    return [
      ...(near?.xdp ?? []).map(({ programName }) => `xdp ${programName}`),
      ...(near?.ingress.filters ?? []).map(({ programName }) => `filter ${programName}`),
      ...flowDissector.programs.map(({ programName }) => `dissector ${programName}`),
      ...(readFileSync(controls, 'utf8').includes('bpf_plain') ? ['struct_ops'] : []),
      ...(ip('route', 'show').includes('encap bpf') ? ['route'] : []),
      ...[...queryCgroupTree(context, { cgroup })].flatMap(({ hooks }) =>
        hooks.flatMap(hook => hook.programs.map(p => `cgroup ${p.programName}`)),
      ),
      ...readdirSync(runDirectory).map(file => `note ${basename(file)}`),
    ]
  }

  it('is found when it is dead, by kind, and removed', async () => {
    const child = start()
    const calls = Number(await firstLine(child))
    expect(calls).toBeGreaterThan(20)
    expect(leftBy(child)).toEqual([])
    child.kill('SIGKILL')
    await once(child, 'close')

    const left = leftBy(child)
    expect(left.map(({ kind }) => kind).sort()).toEqual([
      'prog_attach',
      'prog_attach',
      'route',
      'struct_ops',
      'tc filter',
      'tracefs event',
      'xdp',
    ])
    expect(left.map(({ description }) => description)).toEqual(
      expect.arrayContaining([
        `program "left_xdp" at XDP of near in ${netns}`,
        `program "left_egress" at cgroup_inet_egress of cgroup ${cgroup}`,
        expect.stringContaining('route to 192.0.2.0/24'),
      ]),
    )
    for (const { remove } of left) remove()
    for (const { remove } of left) remove()
    expect(leftBy(child)).toEqual([])
    expect(attached()).toEqual([])
    expect(ip('link', 'show', 'near')).not.toContain('clsact')
  })

  it('is found at whichever point it was killed', async () => {
    for (let killAfter = 1; ; killAfter += 4) {
      const child = start(killAfter)
      const survived = await Promise.race([firstLine(child), once(child, 'close').then(() => undefined)])
      child.kill('SIGKILL')
      if (child.signalCode === null && child.exitCode === null) await once(child, 'close')
      expect(child.signalCode).toBe('SIGKILL')
      for (const { remove } of leftBy(child)) remove()
      expect([killAfter, leftBy(child), attached()]).toEqual([killAfter, [], []])
      if (survived !== undefined) break
    }
  }, 120_000)

  it('makes room for the same place without being asked', async () => {
    const first = start()
    await firstLine(first)
    first.kill('SIGKILL')
    await once(first, 'close')
    // These would be refused, as routes and names may be anybody's.
    for (const { kind, remove } of leftBy(first)) if (kind === 'route' || kind === 'struct_ops') remove()
    const second = start()
    await firstLine(second)
    expect(attached().filter(entry => !entry.startsWith('note'))).toEqual([
      'xdp left_xdp',
      'filter left_filter',
      'dissector left_dissector',
      'struct_ops',
      'route',
      'cgroup left_egress',
    ])
    second.kill('SIGKILL')
    await once(second, 'close')
    for (const { remove } of leftBy(second)) remove()
    expect(attached()).toEqual([])
  })
})

const controls = '/proc/sys/net/ipv4/tcp_available_congestion_control'

async function firstLine(child: ChildProcess): Promise<string | undefined> {
  for await (const chunk of child.stdout ?? []) return String(chunk).trim()
  return undefined
}
