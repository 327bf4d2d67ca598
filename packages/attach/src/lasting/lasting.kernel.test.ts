import { AttachType, type Fd, ProgType } from '@bpf/sys'
import { afterAll, describe, expect, it } from 'vitest'
import { queryCgroup } from '../cgroup/cgroup'
import { DetachError } from '../errors'
import { findLeftovers } from '../leftover/find'
import { queryTc } from '../tc/tc'
import { type CountingProgram, countingProgram } from '../testing/counting-program'
import { attachErrorOf } from '../testing/errors'
import { testCgroup } from '../testing/test-cgroup'
import { testContext } from '../testing/test-context'
import { testNetwork } from '../testing/test-network'
import { attachXdp, queryXdp } from '../xdp/xdp'
import { attachLasting, detachLasting } from './lasting'

const context = testContext()
const { sys } = context
const network = testNetwork(sys)
const { near } = network
const here = { interface: near.interface, netns: near.netns }
afterAll(() => network[Symbol.dispose]())

const lasting = (program: CountingProgram) => ({ name: program.name, fd: program.fd as Fd })

describe('what is attached for good', () => {
  it('stays on XDP until it is detached, and gives way only when told to', () => {
    using first = countingProgram(sys, { type: ProgType.Xdp, returns: 2, name: 'first' })
    using second = countingProgram(sys, { type: ProgType.Xdp, returns: 2, name: 'second' })
    const hook = { kind: 'xdp', mode: 'generic', ...here } as const
    attachLasting(context, lasting(first), hook)
    expect(attachErrorOf(() => attachLasting(context, lasting(second), hook)).hint).toContain('overwrite')
    attachLasting(context, lasting(second), { ...hook, overwrite: true })
    expect(queryXdp(context, here)).toMatchObject([{ mode: 'generic', programName: 'second' }])
    detachLasting(context, hook)
    expect(queryXdp(context, here)).toEqual([])
  })

  it('is not detached from under a link', () => {
    using program = countingProgram(sys, { type: ProgType.Xdp, returns: 2, name: 'linked' })
    using _link = attachXdp(context, program, { ...here, mode: 'generic', interfaces: ['bpf link'] })
    const detach = () => detachLasting(context, { kind: 'xdp', mode: 'generic', ...here })
    expect(detach).toThrow(expect.objectContaining({ code: 'ERR_BPF_DETACH', hint: expect.stringContaining('a link holds it') }))
  })

  it('stays on tcx', () => {
    using program = countingProgram(sys, { type: ProgType.SchedCls, returns: -1, name: 'cls' })
    const hook = { kind: 'tcx', direction: 'ingress', ...here } as const
    attachLasting(context, lasting(program), hook)
    expect(queryTc(context, { ...here, direction: 'ingress' }).tcx.programs).toMatchObject([{ programName: 'cls', linkId: undefined }])
    detachLasting(context, hook, lasting(program))
    expect(() => detachLasting(context, hook, lasting(program))).toThrow(DetachError)
  })

  it('stays on a cgroup, and is no leftover', () => {
    using cgroup = testCgroup(context, 'lasting')
    using program = countingProgram(sys, {
      type: ProgType.CgroupSkb,
      expectedAttachType: AttachType.CgroupInetEgress,
      returns: 1,
      name: 'egress',
    })
    const hook = { kind: 'cgroup', cgroup: cgroup.path, attachType: AttachType.CgroupInetEgress, mode: 'multi' } as const
    attachLasting(context, lasting(program), hook)
    expect(queryCgroup(context, cgroup.path, hook.attachType).programs).toMatchObject([{ programName: 'egress' }])
    expect(findLeftovers(context).filter(({ description }) => description.includes(cgroup.path))).toEqual([])
    detachLasting(context, hook, lasting(program))
    expect(queryCgroup(context, cgroup.path, hook.attachType).programs).toEqual([])
  })
})
