import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AttachType, MapType, mapCreate, ProgType } from '@bpf/sys'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { attachNetns, queryNetns } from '../netns'
import { attachSockmap, querySockmap } from '../socket/sockmap'
import { countingProgram } from '../testing/counting-program'
import { disown } from '../testing/dead-owner'
import { testContext } from '../testing/test-context'
import { testNetwork } from '../testing/test-network'
import { attachXdp, queryXdp } from '../xdp/xdp'
import { notedLeftovers } from './noted'

const runDirectory = mkdtempSync(join(tmpdir(), 'bpf-notes-'))
const context = { ...testContext(), runDirectory }
const { sys } = context
const network = testNetwork(sys)
const { netns, interface: name } = network.near
const notes = () => readdirSync(runDirectory)
afterEach(() => expect(notes()).toEqual([]))
afterAll(() => {
  network[Symbol.dispose]()
  rmSync(runDirectory, { recursive: true })
})

/** What is found once its process is dead, and that removing it and then closing the link is right. */
function expectLeftover(link: Disposable, kind: string, description: string, attached: () => number): void {
  expect(notes()).toHaveLength(1)
  expect(notedLeftovers(context)).toEqual([])
  disown(runDirectory)
  const left = notedLeftovers(context)
  expect(left).toMatchObject([{ kind, description: expect.stringContaining(description) }])
  expect(attached()).toBe(1)
  for (const { remove } of left) remove()
  expect(attached()).toBe(0)
  link[Symbol.dispose]()
}

describe('a note of a process that has ended', () => {
  it('finds an XDP program', () => {
    using program = countingProgram(sys, { type: ProgType.Xdp, returns: 2 })
    const link = attachXdp(context, program, { interface: name, netns, interfaces: ['netlink'] })
    expectLeftover(link, 'xdp', `program "count" at XDP of near in ${netns}`, () => queryXdp(context, { interface: name, netns }).length)
  })

  it('finds a flow dissector', () => {
    using program = countingProgram(sys, { type: ProgType.FlowDissector, expectedAttachType: AttachType.FlowDissector })
    const link = attachNetns(context, program, { netns, interfaces: ['prog_attach'] })
    const attached = () => queryNetns(context, netns, AttachType.FlowDissector).programs.length
    expectLeftover(link, 'prog_attach', 'flow_dissector of network namespace net:[', attached)
  })

  it('finds a program of a sockmap', () => {
    const attachType = AttachType.SkMsgVerdict
    using map = mapCreate(sys, { type: MapType.Sockmap, keySize: 4, valueSize: 4, maxEntries: 1 })
    using program = countingProgram(sys, { type: ProgType.SkMsg, expectedAttachType: attachType, returns: 1 })
    const link = attachSockmap(context, program, { map: { fd: map.fd, name: 'sockets' }, interfaces: ['prog_attach'] })
    expectLeftover(link, 'prog_attach', 'map "sockets"', () => querySockmap(context, { fd: map.fd }, attachType).programs.length)
  })

  it('says nothing about another program at the same place', () => {
    using ours = countingProgram(sys, { type: ProgType.Xdp, returns: 2, name: 'ours' })
    using other = countingProgram(sys, { type: ProgType.Xdp, returns: 2, name: 'other' })
    const link = attachXdp(context, ours, { interface: name, netns, interfaces: ['netlink'] })
    disown(runDirectory)
    using _other = attachXdp({ ...context, runDirectory: join(runDirectory, 'none') }, other, { interface: name, netns, replace: ours })
    rmSync(join(runDirectory, 'none'), { recursive: true })
    expect(notedLeftovers(context)).toEqual([])
    expect(queryXdp(context, { interface: name, netns })).toMatchObject([{ programName: 'other' }])
    link.close()
  })

  it('makes room for a link at the same place', () => {
    const dissector = (name: string) =>
      countingProgram(sys, { type: ProgType.FlowDissector, expectedAttachType: AttachType.FlowDissector, name })
    using left = dissector('left')
    using ours = dissector('ours')
    const link = attachNetns(context, left, { netns, interfaces: ['prog_attach'] })
    disown(runDirectory)
    using _ours = attachNetns(context, ours, { netns, interfaces: ['bpf link'] })
    link.close()
    expect(queryNetns(context, netns, AttachType.FlowDissector).programs).toMatchObject([{ programName: 'ours' }])
  })

  it('that is none is removed', () => {
    writeFileSync(join(runDirectory, 'bpfts_1_1_1_half.json.new'), '{')
    const [other] = notes()
    expect(notedLeftovers(context)).toEqual([])
    // Of another pid namespace: its owner may live.
    expect(notes()).toEqual([other])
    rmSync(join(runDirectory, String(other)))
  })
})
