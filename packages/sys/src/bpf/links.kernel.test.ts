import { mkdirSync, rmdirSync, statSync } from 'node:fs'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AttachType } from '../constants/attach-type'
import { LinkType } from '../constants/link-type'
import { ProgType } from '../constants/program-type'
import { openFile } from '../file'
import { inNetworkNamespace, Namespace, setNamespace, unshare } from '../namespace'
import type { OwnedFd } from '../owned-fd'
import { createSys } from '../sys'
import { minimalProgram } from '../testing/programs'
import { ids, openById } from './ids'
import { type LinkHead, type LinkTail, linkCreate, linkDetach, linkUpdate, rawTracepointOpen } from './link'
import { getLinkInfo } from './link-info'
import { progAttach, progDetach, progQuery } from './program-attach'
import { getProgInfo } from './program-info'

const leaks = failOnLeaks(kind => ids(createSys(), kind))
const sys = createSys({ trace: leaks.trace })
const loopback = 1

/** A network namespace of its own, entered for one action at a time. */
const home = openFile(sys, '/proc/thread-self/ns/net')
unshare(sys, Namespace.Net)
const away = openFile(sys, '/proc/thread-self/ns/net')
setNamespace(sys, home.fd, Namespace.Net)

const cgroupPath = `/sys/fs/cgroup/unified/bpf-sys-${process.pid}`
let cgroup: OwnedFd

beforeAll(() => {
  mkdirSync(cgroupPath)
  cgroup = openFile(sys, cgroupPath)
})

afterAll(() => {
  for (const owner of [home, away, cgroup]) owner.close()
  rmdirSync(cgroupPath)
})

function linked(program: OwnedFd, head: Omit<LinkHead, 'progFd'>, tail?: LinkTail): OwnedFd {
  return inNetworkNamespace(sys, away.fd, () => linkCreate(sys, { progFd: program.fd, ...head }, tail))
}

describe('links and their info', () => {
  it('cgroup', () => {
    using program = minimalProgram(sys, ProgType.CgroupSkb, AttachType.CgroupInetEgress, 1)
    using link = linked(program, { targetFd: cgroup.fd, attachType: AttachType.CgroupInetEgress }, { kind: 'cgroup' })
    const { id: progId } = getProgInfo(sys, program.fd)
    const info = getLinkInfo(sys, link.fd)
    expect(info).toMatchObject({ type: LinkType.Cgroup, kind: 'cgroup', progId, attachType: AttachType.CgroupInetEgress })
    expect(info).toMatchObject({ cgroupId: BigInt(statSync(cgroupPath).ino) })
    expect(progQuery(sys, { targetFd: cgroup.fd, attachType: AttachType.CgroupInetEgress }).programs.map(p => p.progId)).toEqual([progId])
    using replacement = minimalProgram(sys, ProgType.CgroupSkb, AttachType.CgroupInetEgress, 1)
    linkUpdate(sys, { linkFd: link.fd, newProgFd: replacement.fd, oldProgFd: program.fd })
    expect(getLinkInfo(sys, link.fd).progId).toBe(getProgInfo(sys, replacement.fd).id)
    expect(() => linkUpdate(sys, { linkFd: link.fd, newProgFd: program.fd, oldProgFd: program.fd })).toThrow(/EPERM|EBUSY|ESTALE|EINVAL/)
    linkDetach(sys, link.fd)
    expect(progQuery(sys, { targetFd: cgroup.fd, attachType: AttachType.CgroupInetEgress }).programs).toEqual([])
  })

  it('tcx, before another one', () => {
    using first = minimalProgram(sys, ProgType.SchedCls, AttachType.TcxIngress)
    using second = minimalProgram(sys, ProgType.SchedCls, AttachType.TcxIngress)
    const head = { targetIfindex: loopback, attachType: AttachType.TcxIngress }
    using link = linked(first, head, { kind: 'tcx' })
    using earlier = linked(second, { ...head, flags: 1 << 3 }, { kind: 'tcx', relativeFd: first.fd })
    expect(getLinkInfo(sys, link.fd)).toMatchObject({ kind: 'tcx', ifindex: loopback, attachType: AttachType.TcxIngress })
    const { programs, revision } = inNetworkNamespace(sys, away.fd, () => progQuery(sys, { ...head, links: true }))
    expect(programs.map(({ progId, linkId }) => [progId, linkId])).toEqual(
      [
        [second, earlier],
        [first, link],
      ].map(([program, owner]) => [getProgInfo(sys, (program as OwnedFd).fd).id, getLinkInfo(sys, (owner as OwnedFd).fd).id]),
    )
    expect(revision).toBeGreaterThan(1n)
  })

  it('xdp', () => {
    using program = minimalProgram(sys, ProgType.Xdp, AttachType.Xdp, 2)
    using link = linked(program, { targetIfindex: loopback, attachType: AttachType.Xdp })
    expect(getLinkInfo(sys, link.fd)).toMatchObject({ kind: 'xdp', ifindex: loopback })
    using again = openById(sys, 'link', getLinkInfo(sys, link.fd).id)
    expect(getLinkInfo(sys, again.fd)).toEqual(getLinkInfo(sys, link.fd))
  })

  it('network namespace', () => {
    using program = minimalProgram(sys, ProgType.SkLookup, AttachType.SkLookup, 1)
    using link = linked(program, { targetFd: away.fd, attachType: AttachType.SkLookup })
    expect(getLinkInfo(sys, link.fd)).toMatchObject({ kind: 'netns', attachType: AttachType.SkLookup })
  })

  it('netfilter', () => {
    using program = minimalProgram(sys, ProgType.Netfilter, AttachType.Netfilter, 1)
    const tail = { kind: 'netfilter', pf: 2, hook: 1, priority: -128 } as const
    using link = linked(program, { attachType: AttachType.Netfilter }, tail)
    expect(getLinkInfo(sys, link.fd)).toMatchObject({ kind: 'netfilter', pf: 2, hook: 1, priority: -128, flags: 0 })
  })

  it('raw tracepoint', () => {
    using program = minimalProgram(sys, ProgType.RawTracepoint)
    using link = rawTracepointOpen(sys, { progFd: program.fd, name: 'sched_switch', cookie: 0x1122n })
    expect(getLinkInfo(sys, link.fd)).toMatchObject({ kind: 'rawTracepoint', name: 'sched_switch', cookie: 0x1122n })
  })

  it('uprobe multi', () => {
    using program = minimalProgram(sys, ProgType.Kprobe, AttachType.TraceUprobeMulti)
    // Any offset will do: the kernel looks at the instruction only when a process maps the file.
    const tail = { kind: 'uprobeMulti', path: '/bin/true', offsets: BigUint64Array.of(0x1800n), cookies: BigUint64Array.of(7n) } as const
    using link = linked(program, { attachType: AttachType.TraceUprobeMulti }, tail)
    const info = getLinkInfo(sys, link.fd)
    expect(info).toMatchObject({
      kind: 'uprobeMulti',
      count: 1,
      pid: 0,
      offsets: BigUint64Array.of(0x1800n),
      cookies: BigUint64Array.of(7n),
    })
    expect(info.kind === 'uprobeMulti' && info.path).toMatch(/true$/)
  })
})

describe('the older interface', () => {
  it('attaches and detaches without a link', () => {
    using program = minimalProgram(sys, ProgType.CgroupSkb, AttachType.CgroupInetIngress, 1)
    const target = { targetFd: cgroup.fd, attachType: AttachType.CgroupInetIngress }
    progAttach(sys, { ...target, progFd: program.fd, flags: 2 })
    const { programs, attachFlags } = progQuery(sys, { ...target, programFlags: true })
    expect(programs.map(({ progId }) => progId)).toEqual([getProgInfo(sys, program.fd).id])
    expect(attachFlags | (programs[0]?.attachFlags ?? 0)).toBe(2)
    progDetach(sys, { ...target, progFd: program.fd })
    expect(progQuery(sys, target).programs).toEqual([])
  })
})
