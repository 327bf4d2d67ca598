import { execFileSync } from 'node:child_process'
import { testCgroup } from '@bpf/attach/testing'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { openKernel } from '@bpf/kernel'
import { AttachType, createSys, getProgInfo, ids, ProgType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli'
import { expectToMatchSchema } from '../testing/schema'
import { smallProgram } from '../testing/small-program'
import { parseAttachType } from './change'

describe.skipIf(process.getuid?.() !== 0)('bpf cgroup (needs root)', () => {
  const sys = createSys()
  failOnLeaks(kind => ids(sys, kind))
  const context = { sys, kernel: openKernel(sys) }
  const json = async (...args: string[]) => JSON.parse((await runCli('cgroup', ...args)).out.join('\n'))
  const bpftool = (...args: string[]) => JSON.parse(execFileSync('bpftool', ['-j', 'cgroup', ...args], { encoding: 'utf8' }))

  it('attaches, lists and detaches, and bpftool sees the same', async () => {
    using parent = testCgroup(context, 'cli')
    using child = testCgroup(context, 'child', parent)
    using program = smallProgram(sys, {
      type: ProgType.CgroupSkb,
      expectedAttachType: AttachType.CgroupInetEgress,
      name: 'egress',
      returns: 1,
    })
    const id = String(getProgInfo(sys, program.fd).id)
    expect(await runCli('cgroup', 'attach', parent.path, 'egress', 'id', id, 'multi')).toMatchObject({ code: 0 })

    const shown = await json('show', parent.path, '--json')
    expectToMatchSchema(shown, 'cgroup-list')
    expect(shown).toMatchObject([{ cgroup: parent.path, attachType: 'cgroup_inet_egress', programName: 'egress', mode: 'multi' }])
    expect(await json('show', child.path, '--json')).toEqual([])
    expect(await json('show', child.path, 'effective', '--json')).toMatchObject([{ cgroup: child.path, programName: 'egress', mode: null }])

    expect(await json('show', parent.path, '--bpftool-json')).toEqual(bpftool('show', parent.path))
    expect(await json('show', child.path, 'effective', '--bpftool-json')).toEqual(bpftool('show', child.path, 'effective'))
    expect(await json('tree', parent.path, '--bpftool-json')).toEqual(bpftool('tree', parent.path))

    expect(await runCli('cgroup', 'detach', parent.path, 'cgroup_inet_egress', 'id', id)).toMatchObject({ code: 0 })
    expect(await json('tree', parent.path, '--json')).toEqual([])
  })

  it.each([
    ['egress', ProgType.CgroupSkb, AttachType.CgroupInetEgress, ['multi']],
    ['ingress', ProgType.CgroupSkb, AttachType.CgroupInetIngress, ['override']],
    ['sock_create', ProgType.CgroupSock, AttachType.CgroupInetSockCreate, []],
    ['connect4', ProgType.CgroupSockAddr, AttachType.CgroupInet4Connect, ['multi']],
    ['device', ProgType.CgroupDevice, AttachType.CgroupDevice, []],
    ['sysctl', ProgType.CgroupSysctl, AttachType.CgroupSysctl, ['override']],
    ['getsockopt', ProgType.CgroupSockopt, AttachType.CgroupGetsockopt, ['multi']],
    ['sock_ops', ProgType.SockOps, AttachType.CgroupSockOps, []],
  ])('says the same of %s as bpftool', async (name, type, expectedAttachType, mode) => {
    using cgroup = testCgroup(context, 'cli-types')
    using program = smallProgram(sys, { type, expectedAttachType, name: 'any', returns: 1 })
    const id = String(getProgInfo(sys, program.fd).id)
    expect(await runCli('cgroup', 'attach', cgroup.path, name, 'id', id, ...mode)).toMatchObject({ code: 0 })
    expect(await json('show', cgroup.path, '--bpftool-json')).toEqual(bpftool('show', cgroup.path))
  })

  it('says what is not attached', async () => {
    using cgroup = testCgroup(context, 'cli-none')
    using program = smallProgram(sys, { type: ProgType.CgroupSkb, expectedAttachType: AttachType.CgroupInetEgress, returns: 1 })
    const id = String(getProgInfo(sys, program.fd).id)
    const { code, notes } = await runCli('cgroup', 'detach', cgroup.path, 'egress', 'id', id)
    expect(code).toBe(1)
    expect(notes[0]).toContain('it is not attached there')
  })
})

describe('attach types of cgroups', () => {
  it.each([
    ['cgroup_inet_egress', AttachType.CgroupInetEgress],
    ['egress', AttachType.CgroupInetEgress],
    ['connect4', AttachType.CgroupInet4Connect],
    ['sendmsg6', AttachType.CgroupUdp6Sendmsg],
    ['sock_create', AttachType.CgroupInetSockCreate],
    ['device', AttachType.CgroupDevice],
  ])('may be called %s', (name, type) => {
    expect(parseAttachType(name)).toBe(type)
  })
})
