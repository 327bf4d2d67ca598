import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { attachCgroup, attachTc, attachXdp } from '@bpf/attach'
import { testCgroup, testNetwork } from '@bpf/attach/testing'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { openKernel } from '@bpf/kernel'
import { AttachType, createSys, ids, ProgType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { fixture } from '../testing/pinned-object'
import { runCli } from '../testing/run-cli'
import { attachableProgram } from '../testing/small-program'

interface ListedLink {
  readonly id: number
  readonly type: string
  readonly programName: string
  readonly where: string
  readonly pinned: readonly string[]
}

describe.skipIf(process.getuid?.() !== 0)('bpf link (needs root)', () => {
  const sys = createSys()
  failOnLeaks(kind => ids(sys, kind))
  const context = { sys, kernel: openKernel(sys) }
  const json = async (...args: string[]) => JSON.parse((await runCli('link', ...args)).out.join('\n'))

  async function expectSameAsBpftool(links: readonly ListedLink[]): Promise<void> {
    for (const { id } of links) {
      const theirs = JSON.parse(execFileSync('bpftool', ['-j', '-f', 'link', 'show', 'id', `${id}`], { encoding: 'utf8' }))
      const ours = await json('show', 'id', `${id}`, '--bpftool-json')
      // An older one has no name for newer types, and tells less of those that it knows.
      const { type, ...rest } = theirs
      expect(ours).toMatchObject(typeof type === 'number' ? rest : theirs)
    }
  }

  it('says the same of links of every kind as bpftool', async () => {
    using cgroup = testCgroup(context, 'cli-links')
    const directory = mkdtempSync('/sys/fs/bpf/cli-links-')
    const targets = {
      on_tracepoint: undefined,
      on_raw_tracepoint: undefined,
      on_tp_btf: undefined,
      on_kprobe: 'kprobe=do_sys_openat2',
      on_uprobe: 'uprobe=/bin/bash:main',
      on_task: undefined,
      on_ingress: `on_ingress=${cgroup.path}`,
    }
    const chosen = Object.entries(targets).flatMap(([name, target]) => [
      '--only',
      name,
      ...(target === undefined ? [] : ['--attach', target]),
    ])
    try {
      const { code, notes } = await runCli('start', fixture('attach/every-hook.o'), '--pin', directory, '--for', '1ms', ...chosen)
      expect(code, notes.join('\n')).toBe(0)
      const all: ListedLink[] = await json('list', '--json')
      const ours = all.filter(({ pinned }) => pinned.some(path => path.startsWith(directory)))
      // Not every kernel lets tracing programs in.
      expect(ours.map(({ type }) => type)).toEqual(expect.arrayContaining(['perf_event', 'raw_tracepoint', 'iter', 'cgroup']))
      await expectSameAsBpftool(ours)
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  it('says the same of links of the network, and which interface they are on', async () => {
    using network = testNetwork(sys)
    using xdp = attachableProgram(sys, { type: ProgType.Xdp, name: 'pass', returns: 2 })
    using tcx = attachableProgram(sys, { type: ProgType.SchedCls, name: 'cls', expectedAttachType: AttachType.TcxIngress, returns: -1 })
    const near = { interface: 'near', netns: network.near.netns }
    using _xdp = attachXdp(context, xdp, near)
    using _tcx = attachTc(context, tcx, near)
    const all: ListedLink[] = await json('list', '--json')
    const ours = all.filter(({ type }) => type === 'xdp' || type === 'tcx')
    expect(ours.map(({ where }) => where.replace(/ of .*/, ''))).toEqual(['XDP', 'tc ingress'])
    await expectSameAsBpftool(ours)
  })

  async function idOfLinkOf(program: string): Promise<number | undefined> {
    const all: ListedLink[] = await json('list', '--json')
    return all.find(({ programName }) => programName === program)?.id
  }

  it('detaches a link that others hold', async () => {
    using cgroup = testCgroup(context, 'cli-detach')
    const attachType = AttachType.CgroupInetEgress
    using program = attachableProgram(sys, { type: ProgType.CgroupSkb, expectedAttachType: attachType, name: 'egress_of_test', returns: 1 })
    using _link = attachCgroup(context, program, { cgroup: cgroup.path })
    const shown = async () => JSON.parse((await runCli('cgroup', 'show', cgroup.path, '--json')).out.join('\n'))
    const linkId = await idOfLinkOf('egress_of_test')
    expect(await runCli('link', 'detach', 'id', `${linkId}`)).toEqual({ code: 0, out: [], notes: [] })
    expect(await shown()).toEqual([])
    expect((await json('show', 'id', `${linkId}`, '--json'))[0]).toMatchObject({
      type: 'cgroup',
      programName: 'egress_of_test',
      cgroupId: '0',
    })
  })

  it('pins a link, by which it stays, and detaches it by that', async () => {
    using cgroup = testCgroup(context, 'cli-pin')
    const path = `/sys/fs/bpf/cli-link-${process.pid}`
    const attachType = AttachType.CgroupInetEgress
    using program = attachableProgram(sys, { type: ProgType.CgroupSkb, expectedAttachType: attachType, name: 'egress_of_test', returns: 1 })
    const link = attachCgroup(context, program, { cgroup: cgroup.path })
    const shown = async () => JSON.parse((await runCli('cgroup', 'show', cgroup.path, '--json')).out.join('\n'))
    const linkId = await idOfLinkOf('egress_of_test')
    try {
      expect((await runCli('link', 'pin', 'id', `${linkId}`, path)).code).toBe(0)
      link.close()
      expect(await shown()).toMatchObject([{ programName: 'egress_of_test' }])
      expect((await json('show', 'pinned', path, '--json'))[0]).toMatchObject({ id: linkId, pinned: [path] })
      expect((await runCli('link', 'detach', 'pinned', path)).code).toBe(0)
      expect(await shown()).toEqual([])
    } finally {
      link.close()
      rmSync(path, { force: true })
    }
  })

  it('says what is wrong when there is no such link', async () => {
    expect((await runCli('link', 'show', 'id', '4294967295')).code).toBe(1)
    expect((await runCli('link', 'show', 'mine')).code).toBe(2)
    expect((await runCli('link', 'detach')).code).toBe(2)
    expect((await runCli('link', 'detach', 'id', '4294967295')).notes[0]).toContain('there is no link')
  })
})
