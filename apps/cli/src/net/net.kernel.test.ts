import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { attachTc } from '@bpf/attach'
import { testNetwork } from '@bpf/attach/testing'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { openKernel } from '@bpf/kernel'
import { createSys, getProgInfo, ids, type OwnedFd, objPin, ProgType } from '@bpf/sys'
import { afterAll, describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli'
import { expectToMatchSchema } from '../testing/schema'
import { attachableProgram, smallProgram } from '../testing/small-program'
import type { NetHook } from './hooks'

describe.skipIf(process.getuid?.() !== 0)('bpf net (needs root)', () => {
  const sys = createSys()
  failOnLeaks(kind => ids(sys, kind))
  const context = { sys, kernel: openKernel(sys) }
  const network = testNetwork(sys)
  afterAll(() => network[Symbol.dispose]())
  const { netns } = network.near
  const idOf = (program: OwnedFd) => String(getProgInfo(sys, program.fd).id)
  const net = (...args: string[]) => runCli('net', ...args, '--netns', netns)

  async function list(): Promise<NetHook[]> {
    const hooks = JSON.parse((await net('list', '--json')).out.join('\n'))
    expectToMatchSchema(hooks, 'net-list')
    return hooks
  }

  it('attaches, lists and detaches, and bpftool sees the same', async () => {
    using xdp = smallProgram(sys, { type: ProgType.Xdp, name: 'pass', returns: 2 })
    using cls = smallProgram(sys, { type: ProgType.SchedCls, name: 'cls', returns: -1 })
    expect(await net('attach', 'xdpgeneric', 'id', idOf(xdp), 'dev', 'near')).toMatchObject({ code: 0 })
    expect(await net('attach', 'tcx_egress', 'id', idOf(cls), 'dev', 'near')).toMatchObject({ code: 0 })
    expect(await list()).toMatchObject([
      { hook: 'xdp', interface: 'near', programName: 'pass', mode: 'generic' },
      { hook: 'tcx/egress', interface: 'near', programName: 'cls', linkId: null },
    ])
    expect((await net('list')).out[1]).toMatch(/^near +xdp +\d+ +pass +- +- +generic$/)

    const theirs = JSON.parse(network.near.inside(() => execFileSync('bpftool', ['-j', 'net', 'list'], { encoding: 'utf8' })))
    const ours = JSON.parse((await net('list', '--bpftool-json')).out.join('\n'))
    // An older one knows no tcx.
    expect(ours).toMatchObject([{ xdp: theirs[0].xdp, flow_dissector: theirs[0].flow_dissector }])
    expect(ours[0].tc).toMatchObject(theirs[0].tc.length > 0 ? theirs[0].tc : [{ devname: 'near', kind: 'tcx/egress', name: 'cls' }])

    expect(await net('detach', 'xdp', 'dev', 'near')).toMatchObject({ code: 0 })
    expect(await net('detach', 'tcx_egress', 'id', idOf(cls), 'dev', 'near')).toMatchObject({ code: 0 })
    expect(await list()).toEqual([])
  })

  it('says the same of tc filters as bpftool', async () => {
    using cls = attachableProgram(sys, { type: ProgType.SchedCls, name: 'cls', returns: -1 })
    const near = { interface: 'near', netns, interfaces: ['netlink'] } as const
    using _ingress = attachTc(context, cls, { ...near, direction: 'ingress' })
    using _egress = attachTc(context, cls, { ...near, direction: 'egress' })
    const theirs = JSON.parse(network.near.inside(() => execFileSync('bpftool', ['-j', 'net', 'list'], { encoding: 'utf8' })))
    const ours = JSON.parse((await net('list', '--bpftool-json')).out.join('\n'))
    expect(theirs[0].tc).toHaveLength(2)
    expect(ours[0].tc).toEqual(theirs[0].tc)
  })

  it('lists what ip and tc attached: filters of queues, routes', async () => {
    using program = smallProgram(sys, { type: ProgType.SchedCls, name: 'sort', returns: -1 })
    using tunnel = smallProgram(sys, { type: ProgType.LwtXmit, name: 'tunnel', returns: 0 })
    const run = (command: string, ...args: string[]) => network.near.inside(() => execFileSync(command, args, { encoding: 'utf8' }))
    const pins = mkdtempSync('/sys/fs/bpf/cli-net-')
    try {
      objPin(sys, program.fd, { path: join(pins, 'sort') })
      objPin(sys, tunnel.fd, { path: join(pins, 'tunnel') })
      run('tc', 'qdisc', 'add', 'dev', 'near', 'root', 'handle', '1:', 'htb')
      run('tc', 'filter', 'add', 'dev', 'near', 'parent', '1:', 'prio', '4', 'bpf', 'pinned', join(pins, 'sort'))
      run('ip', 'route', 'add', '192.0.2.0/24', 'encap', 'bpf', 'xmit', 'pinned', join(pins, 'tunnel'), 'dev', 'near')
      expect(await list()).toMatchObject([
        { hook: 'htb/1:', interface: 'near', programName: 'sort', priority: 4 },
        { hook: 'lwt_xmit', interface: 'near', programId: null, route: '192.0.2.0/24' },
      ])
      expect((await net('list')).out.join('\n')).toMatch(/near +lwt_xmit .*192\.0\.2\.0\/24 \S*tunnel/)
      const ours = JSON.parse((await net('list', '--bpftool-json')).out.join('\n'))
      expect(ours[0].tc).toMatchObject([{ devname: 'near', kind: 'htb', id: Number(idOf(program)) }])
      // As text: its JSON of filters is broken in Debian 12.
      expect(run('bpftool', 'net', 'list')).toMatch(new RegExp(`near\\(\\d+\\) htb \\S+ .*id ${idOf(program)}`))
    } finally {
      rmSync(pins, { recursive: true })
      run('tc', 'qdisc', 'delete', 'dev', 'near', 'root')
      run('ip', 'route', 'delete', '192.0.2.0/24')
    }
  })

  it('takes the place of another program only when told to', async () => {
    using first = smallProgram(sys, { type: ProgType.Xdp, name: 'first', returns: 2 })
    using second = smallProgram(sys, { type: ProgType.Xdp, name: 'second', returns: 2 })
    await net('attach', 'xdpgeneric', 'id', idOf(first), 'dev', 'near')
    expect(await net('attach', 'xdpgeneric', 'id', idOf(second), 'dev', 'near')).toMatchObject({ code: 1 })
    expect(await net('attach', 'xdpgeneric', 'id', idOf(second), 'dev', 'near', 'overwrite')).toMatchObject({ code: 0 })
    expect(await list()).toMatchObject([{ programName: 'second' }])
    await net('detach', 'xdpgeneric', 'dev', 'near')
  })

  it('has near names for what does not exist', async () => {
    expect((await net('list', 'dev', 'neer')).notes.join()).toContain('did you mean near')
    const { code, notes } = await net('attach', 'xdpgenerik', 'id', '1', 'dev', 'near')
    expect(code).toBe(2)
    expect(notes.join()).toContain('did you mean xdpgeneric')
  })
})
