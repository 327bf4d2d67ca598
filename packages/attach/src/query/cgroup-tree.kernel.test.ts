import { AttachType, ProgType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { attachCgroup } from '../cgroup/cgroup'
import { countingProgram } from '../testing/counting-program'
import { attachErrorOf } from '../testing/errors'
import { testCgroup } from '../testing/test-cgroup'
import { testContext } from '../testing/test-context'
import { cgroupAttachTypes, queryCgroupTree } from './cgroup-tree'

const context = testContext()
const { sys } = context
const load = (attachType: number, type: number, name: string) =>
  countingProgram(sys, { type, expectedAttachType: attachType, returns: 1, name })

describe('the programs of a cgroup and of those below', () => {
  it('are listed parents first, by attach type', () => {
    using parent = testCgroup(context, 'tree')
    using _empty = testCgroup(context, 'a-empty', parent)
    using child = testCgroup(context, 'child', parent)
    using egress = load(AttachType.CgroupInetEgress, ProgType.CgroupSkb, 'egress')
    using connect = load(AttachType.CgroupInet4Connect, ProgType.CgroupSockAddr, 'connect')
    using _egress = attachCgroup(context, egress, { cgroup: parent.path })
    using _connect = attachCgroup(context, connect, { cgroup: child.path, interfaces: ['prog_attach'] })
    expect([...queryCgroupTree(context, { cgroup: parent.path })]).toMatchObject([
      { path: parent.path, hooks: [{ attachType: AttachType.CgroupInetEgress, programs: [{ programName: 'egress' }] }] },
      { path: child.path, hooks: [{ attachType: AttachType.CgroupInet4Connect, programs: [{ programName: 'connect' }] }] },
    ])
    const effective = [...queryCgroupTree(context, { cgroup: child.path, effective: true })]
    expect(effective[0]?.hooks.map(({ attachType }) => attachType)).toEqual([AttachType.CgroupInetEgress, AttachType.CgroupInet4Connect])
  })

  it('need a cgroup', () => {
    expect(attachErrorOf(() => [...queryCgroupTree(context, { cgroup: 'no-such-cgroup' })]).message).toBe(
      'cgroup no-such-cgroup: there is no such cgroup',
    )
    expect(attachErrorOf(() => [...queryCgroupTree(context, { cgroup: '/nope' })]).hint).toMatch(/^cgroups are directories below \//)
  })

  it('may have any attach type of cgroups', () => {
    expect(cgroupAttachTypes).toHaveLength(29)
  })
})
