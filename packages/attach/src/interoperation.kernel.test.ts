import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AttachType, ProgType } from '@bpf/sys'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { attachCgroup, queryCgroup } from './cgroup'
import { attachNetns } from './netns'
import { programId } from './query/hook'
import { listPerfHolders } from './query/perf-holders'
import { attachTc, queryTc } from './tc'
import { type CountingProgram, countingProgram } from './testing/counting-program'
import { attachErrorOf } from './testing/errors'
import { testCgroup } from './testing/test-cgroup'
import { testContext } from './testing/test-context'
import { testNetwork } from './testing/test-network'
import { attachTracepoint } from './tracepoint'
import { attachXdp, queryXdp } from './xdp'
import { queryXdpDispatcher } from './xdp-dispatcher/query'

/** What other tools attach is seen here and respected, and they see what is attached here. */
const context = testContext()
const { sys, kernel } = context
const network = testNetwork(sys)
const { near } = network
const here = { interface: near.interface, netns: near.netns }
const bpffs = kernel.ensureBpffs()
const before = new Set(readdirSync(bpffs))
afterAll(() => {
  network[Symbol.dispose]()
  // The directories that other tools keep their pins in.
  for (const name of readdirSync(bpffs).filter(entry => !before.has(entry))) removeEmpty(join(bpffs, name))
})

/** With the directories in it; anything else would be a pin that is left. */
function removeEmpty(directory: string): void {
  for (const name of readdirSync(directory)) removeEmpty(join(directory, name))
  rmdirSync(directory)
}

const has = (command: string) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0
/** In the network namespace, with the mounts of this process: `ip netns exec` would hide the bpf file system. */
const run = (command: string, ...args: string[]) => near.inside(() => execFileSync(command, args, { encoding: 'utf8', stdio: 'pipe' }))
const bpftool = (...args: string[]) => JSON.parse(run('bpftool', '--json', ...args) || 'null')
const object = (name: string) => fileURLToPath(new URL(`../../fixtures/objects/attach/${name}`, import.meta.url))
const idOf = (program: CountingProgram) => programId(sys, program.fd)

const load = {
  xdp: (name: string) => countingProgram(sys, { type: ProgType.Xdp, returns: 2, name }),
  filter: (name: string) => countingProgram(sys, { type: ProgType.SchedCls, returns: -1, name }),
  egress: (name: string) =>
    countingProgram(sys, { type: ProgType.CgroupSkb, expectedAttachType: AttachType.CgroupInetEgress, returns: 1, name }),
}

describe.skipIf(!has('bpftool'))('bpftool (needs bpftool)', () => {
  it('and we share an XDP hook', () => {
    using theirs = load.xdp('theirs')
    using ours = load.xdp('ours')
    run('bpftool', 'net', 'attach', 'xdpgeneric', 'id', String(idOf(theirs)), 'dev', 'near')
    expect(queryXdp(context, here)).toEqual([{ mode: 'generic', programId: idOf(theirs), programName: 'theirs' }])
    for (const via of ['bpf link', 'netlink'] as const) {
      const error = attachErrorOf(() => attachXdp(context, ours, { ...here, mode: 'generic', interfaces: [via] }))
      expect(error.message).toContain(`"theirs" (id ${idOf(theirs)}, generic)`)
    }
    expect(() => attachXdp(context, ours, { ...here, mode: 'generic', replace: ours })).toThrow('Active program does not match expected')

    using link = attachXdp(context, ours, { ...here, mode: 'generic', replace: theirs })
    expect(bpftool('net', 'show', 'dev', 'near')[0].xdp).toMatchObject([{ devname: 'near', id: idOf(ours) }])
    run('bpftool', 'net', 'detach', 'xdpgeneric', 'dev', 'near')
    expect(queryXdp(context, here)).toEqual([])
    link.close()
  })

  it('does not take away what a link of ours holds', () => {
    using ours = load.xdp('ours')
    using _link = attachXdp(context, ours, { ...here, mode: 'generic', interfaces: ['bpf link'] })
    expect(() => run('bpftool', 'net', 'detach', 'xdpgeneric', 'dev', 'near')).toThrow()
    expect(queryXdp(context, here)).toMatchObject([{ programName: 'ours' }])
  })

  it('sees filters and flow dissectors of ours', () => {
    using filter = load.filter('ours')
    using dissector = countingProgram(sys, { type: ProgType.FlowDissector, expectedAttachType: AttachType.FlowDissector })
    using _filter = attachTc(context, filter, { ...here, direction: 'egress', interfaces: ['netlink'] })
    using _dissector = attachNetns(context, dissector, { netns: near.netns })
    // As text: its JSON of filters is broken in Debian 12.
    const seen = run('bpftool', 'net', 'show')
    expect(seen).toMatch(new RegExp(`near\\(\\d+\\) clsact/egress \\S+_ours .*id ${idOf(filter)}`))
    expect(seen).toMatch(new RegExp(`flow_dissector:\\s+id ${idOf(dissector)}`))
  })

  it('and we share a cgroup', () => {
    using cgroup = testCgroup(context, 'interoperation')
    using theirs = load.egress('theirs')
    using ours = load.egress('ours')
    const attachTheirs = (...flags: string[]) =>
      run('bpftool', 'cgroup', 'attach', cgroup.path, 'egress', 'id', String(idOf(theirs)), ...flags)
    const detachTheirs = () => run('bpftool', 'cgroup', 'detach', cgroup.path, 'egress', 'id', String(idOf(theirs)))
    attachTheirs('multi')
    try {
      for (const via of ['bpf link', 'prog_attach'] as const) {
        using _link = attachCgroup(context, ours, { cgroup: cgroup.path, interfaces: [via] })
        const names = queryCgroup(context, cgroup.path, AttachType.CgroupInetEgress).programs.map(({ programName }) => programName)
        expect(names).toEqual(['theirs', 'ours'])
        const seen: { id: number }[] = bpftool('cgroup', 'show', cgroup.path)
        expect(seen.map(({ id }) => id)).toEqual([idOf(theirs), idOf(ours)])
      }
      detachTheirs()
      attachTheirs()
      expect(attachErrorOf(() => attachCgroup(context, ours, { cgroup: cgroup.path })).hint).toContain('may forbid others')
    } finally {
      detachTheirs()
    }
  })

  it('sees the same holders of perf events', () => {
    using program = countingProgram(sys, { type: ProgType.Tracepoint, name: 'ours' })
    const target = { category: 'syscalls', name: 'sys_enter_openat', interfaces: ['perf_event ioctl'] } as const
    using _link = attachTracepoint(context, program, target)
    const theirs: { pid: number; fd: number; prog_id: number; fd_type: string }[] = bpftool('perf', 'show')
    const ofThisProcess = theirs
      .filter(({ pid }) => pid === process.pid)
      .map(({ fd, prog_id: programId, fd_type: kind }) => ({ fd, programId, kind }))
    const ours = [...listPerfHolders(context)].filter(({ pid }) => pid === process.pid)
    expect(ours.map(({ fd, programId, point: { kind } }) => ({ fd, programId, kind }))).toEqual(ofThisProcess)
    expect(ours).toHaveLength(1)
  })
})

describe.skipIf(!/libbpf/.test(run('ip', '-V')))('ip and tc (need iproute2 with libbpf)', () => {
  afterEach(() => run('ip', 'link', 'set', 'near', 'xdpgeneric', 'off'))

  it('attach XDP programs that we see, respect and replace', () => {
    using ours = load.xdp('ours')
    run('ip', 'link', 'set', 'near', 'xdpgeneric', 'obj', object('xdp-chain.o'), 'sec', 'xdp')
    expect(queryXdp(context, here)).toMatchObject([{ mode: 'generic', programName: 'count_all' }])
    expect(attachErrorOf(() => attachXdp(context, ours, { ...here, mode: 'generic' })).message).toContain('"count_all"')
    using _link = attachXdp(context, ours, { ...here, mode: 'generic', replace: 'any' })
    expect(run('ip', 'link', 'show', 'near')).toContain(`prog/xdp id ${idOf(ours)}`)
  })

  it('attach filters that run with ours, and list ours', () => {
    using filter = load.filter('ours')
    run('tc', 'qdisc', 'add', 'dev', 'near', 'clsact')
    run('tc', 'filter', 'add', 'dev', 'near', 'ingress', 'prio', '5', 'bpf', 'da', 'obj', object('freplace.o'), 'sec', 'tc')
    const link = attachTc(context, filter, { ...here, direction: 'ingress', priority: 9 })
    const state = () => queryTc(context, { ...here, direction: 'ingress' }).filters
    expect(state()).toMatchObject([
      { priority: 5, programName: 'target', directAction: true },
      { priority: 9, programName: 'ours' },
    ])
    expect(run('tc', 'filter', 'show', 'dev', 'near', 'ingress')).toMatch(new RegExp(`pref 9 bpf .*id ${idOf(filter)}`, 's'))
    link.close()
    expect(state()).toMatchObject([{ programName: 'target' }])
    expect(run('tc', 'qdisc', 'show', 'dev', 'near')).toContain('clsact')
    run('tc', 'qdisc', 'delete', 'dev', 'near', 'clsact')
  })
})

describe.skipIf(!has('xdp-loader'))('xdp-loader (needs xdp-tools)', () => {
  const unload = () => run('xdp-loader', 'unload', 'near', '--all')

  it('attaches programs that we see and respect, alone or behind a dispatcher', () => {
    using ours = load.xdp('ours')
    run('xdp-loader', 'load', '-m', 'skb', '-n', 'drop_all', 'near', object('xdp-chain.o'))
    try {
      const [attached] = queryXdp(context, here)
      // Alone on kernels that do not let code be patched.
      const dispatcher = queryXdpDispatcher(context, here)
      expect(dispatcher?.programs.map(({ name }) => name) ?? [attached?.programName]).toEqual(['drop_all'])
      const error = attachErrorOf(() => attachXdp(context, ours, { ...here, mode: 'generic' }))
      expect(error.message).toContain(`"${attached?.programName}" (id ${attached?.programId}, generic)`)
    } finally {
      unload()
    }
    expect(queryXdp(context, here)).toEqual([])
  })

  it('sees ours, and takes away what is by netlink', () => {
    using ours = load.xdp('ours')
    const link = attachXdp(context, ours, { ...here, mode: 'generic', interfaces: ['netlink'] })
    expect(run('xdp-loader', 'status', 'near')).toMatch(new RegExp(`near\\s+ours\\s+skb\\s+${idOf(ours)}\\b`))
    unload()
    expect(queryXdp(context, here)).toEqual([])
    link.close()
  })
})
