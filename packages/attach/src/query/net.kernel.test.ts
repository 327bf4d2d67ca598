import { AttachType, ProgType } from '@bpf/sys'
import { afterAll, describe, expect, it } from 'vitest'
import { attachNetfilter } from '../netfilter'
import { attachNetns } from '../netns'
import { attachTc } from '../tc/tc'
import { countingProgram } from '../testing/counting-program'
import { testContext } from '../testing/test-context'
import { testNetwork } from '../testing/test-network'
import { attachXdp } from '../xdp/xdp'
import { queryNet } from './net'

const context = testContext()
const { sys } = context
const network = testNetwork(sys)
const { near } = network
const { netns } = near
const here = { interface: near.interface, netns }
afterAll(() => network[Symbol.dispose]())

const nearState = () => queryNet(context, { netns }).interfaces.find(({ name }) => name === near.interface)

describe('the programs of a network namespace', () => {
  it('are none on interfaces that have none', () => {
    const { interfaces, flowDissector, skLookup } = queryNet(context, { netns })
    expect(interfaces.map(({ name, kind, xdp }) => ({ name, kind, xdp }))).toEqual([
      { name: 'lo', kind: undefined, xdp: [] },
      { name: 'near', kind: 'veth', xdp: [] },
    ])
    expect([...flowDissector.programs, ...skLookup.programs]).toEqual([])
  })

  it('are listed by interface, in the order of a packet', () => {
    using xdp = countingProgram(sys, { type: ProgType.Xdp, returns: 2, name: 'xdp' })
    using cls = countingProgram(sys, { type: ProgType.SchedCls, returns: -1, name: 'cls' })
    using _xdp = attachXdp(context, xdp, { ...here, mode: 'generic' })
    using tcx = attachTc(context, cls, { ...here, direction: 'ingress' })
    using _filter = attachTc(context, cls, { ...here, direction: 'egress', priority: 7 })
    expect(nearState()).toMatchObject({
      ifindex: near.ifindex,
      xdp: [{ mode: 'generic', programName: 'xdp' }],
      ingress: { tcx: { programs: [{ programName: 'cls', linkId: tcx.id }] }, filters: [] },
      egress: { tcx: { programs: [] }, filters: [{ programName: 'cls', priority: 7 }] },
      netkit: undefined,
    })
  })

  it('may be of the whole namespace', () => {
    using dissector = countingProgram(sys, { type: ProgType.FlowDissector, expectedAttachType: AttachType.FlowDissector, name: 'dissect' })
    using lookup = countingProgram(sys, { type: ProgType.SkLookup, expectedAttachType: AttachType.SkLookup, returns: 1, name: 'lookup' })
    using _dissector = attachNetns(context, dissector, { netns })
    using _lookup = attachNetns(context, lookup, { netns })
    expect(queryNet(context, { netns })).toMatchObject({
      flowDissector: { programs: [{ programName: 'dissect' }] },
      skLookup: { programs: [{ programName: 'lookup' }] },
    })
  })

  it('may be on netfilter hooks', () => {
    using program = countingProgram(sys, { type: ProgType.Netfilter, expectedAttachType: AttachType.Netfilter, returns: 1, name: 'filter' })
    using link = attachNetfilter(context, program, { netns, family: 'ipv6', hook: 'output', priority: 17 })
    const seen = queryNet(context, { netns }).netfilter.filter(({ linkId }) => linkId === link.id)
    expect(seen).toMatchObject([{ programName: 'filter', family: 'ipv6', hook: 'output', priority: 17 }])
  })
})
