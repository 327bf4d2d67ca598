import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { AttachType, getLinkInfo, inNetworkNamespace, objPin, openById, ProgType } from '@bpf/sys'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { attachIter, type IterLink } from '../iter'
import { attachNetns } from '../netns'
import { countingProgram } from '../testing/counting-program'
import { openDescriptors, testContext } from '../testing/test-context'
import { testNetwork } from '../testing/test-network'
import { attachTracepoint } from '../tracepoint/tracepoint'
import { attachXdp } from '../xdp/xdp'
import type { Link } from './link'
import { labelOfLink } from './link-label'
import { OpenLinkError, openLink } from './open-link'

const context = testContext()
const { sys } = context
const network = testNetwork(sys)
const { near, far } = network
const directory = `/sys/fs/bpf/bpf-attach-test-${process.pid}`
const pin = `${directory}/link`
afterAll(() => network[Symbol.dispose]())
beforeEach(() => void mkdirSync(directory))
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const action = { drop: 1, pass: 2 } as const
const load = (returns: number, name = 'filter') =>
  countingProgram(sys, { type: ProgType.Xdp, expectedAttachType: AttachType.Xdp, returns, name })
const attach = (program: ReturnType<typeof load>) => attachXdp(context, program, { interface: near.interface, netns: near.netns })

describe('a link that somebody made', () => {
  it('is found by its id: what it is, whose program, where', () => {
    using program = load(action.pass)
    using link = attach(program)
    using found = openLink(context, { id: link.id ?? 0 })
    expect(found).toMatchObject({ kind: 'xdp', interface: 'bpf link', program: 'filter', id: link.id })
    expect(found.target).toMatch(/^XDP of interface \d+ of another network namespace$/)
    expect(found.info()).toEqual(link.info())
  })

  it('names an interface only in its own network namespace: elsewhere its index is of another one', () => {
    using program = load(action.pass)
    using link = attach(program)
    const labelHere = () => {
      using opened = openById(sys, 'link', link.id ?? 0)
      return labelOfLink(context, getLinkInfo(sys, opened.fd)).target
    }
    expect(inNetworkNamespace(sys, near.netns, labelHere)).toBe(`XDP of ${near.interface}`)
    expect(inNetworkNamespace(sys, far.netns, labelHere)).toMatch(/another network namespace$/)
  })

  it('stays when its handle is closed, takes another program, and is detached by anyone', () => {
    const before = openDescriptors()
    {
      using pass = load(action.pass)
      using drop = load(action.drop, 'other')
      using link = attach(pass)
      const found = openLink(context, { id: link.id ?? 0 })
      found.update(drop)
      expect(found.program).toBe('other')
      expect(network.send(far, near)).toBe(false)
      found.close()
      expect(network.send(far, near)).toBe(false)
      openLink(context, { id: link.id ?? 0 }).detach()
      expect(network.send(far, near)).toBe(true)
    }
    expect(openDescriptors()).toBe(before)
  })

  it('is found by its pin, which it can remove', () => {
    using program = load(action.drop)
    const made = attach(program)
    made.pin(pin)
    made.close()
    expect(network.send(far, near)).toBe(false)
    const found = openLink(context, { path: pin })
    expect(() => found.pin(`${pin}2`)).toThrow('is pinned already')
    found.unpin()
    expect(existsSync(pin)).toBe(false)
    expect(network.send(far, near)).toBe(false)
    found.close()
    expect(network.send(far, near)).toBe(true)
  })

  it.each([
    ['sk_lookup', ProgType.SkLookup, AttachType.SkLookup],
    ['flow_dissector', ProgType.FlowDissector, AttachType.FlowDissector],
  ])('says what else it may be: %s', (name, type, expectedAttachType) => {
    using program = countingProgram(sys, { type, expectedAttachType, returns: 1 })
    using made = attachNetns(context, program, { netns: near.netns })
    using found = openLink(context, { id: made.id ?? 0 })
    expect(found).toMatchObject({ kind: 'netns', target: expect.stringMatching(`^${name} of network namespace \\d+$`) })
  })

  it('says what to do instead where its kind takes no other program', () => {
    const load = () => countingProgram(sys, { type: ProgType.Tracepoint })
    using first = load()
    using second = load()
    using made = attachTracepoint(context, first, { category: 'sched', name: 'sched_process_exec', interfaces: ['bpf link'] })
    using found = openLink(context, { id: made.id ?? 0 })
    expect(errorOf(() => found.update(second))).toMatchObject({
      message: expect.stringContaining('this kind of link takes no other program'),
      hint: 'attach the new program beside it, then close this link',
    })
  })

  it('can be read if it is an iterator', () => {
    const found = context.kernel.vmlinuxBtf()?.find('bpf_iter_bpf_map', 'func')
    using program = countingProgram(sys, {
      type: ProgType.Tracing,
      expectedAttachType: AttachType.TraceIter,
      attachBtfId: found?.id ?? 0,
      target: 'bpf_map',
    })
    using made = attachIter(context, program)
    using again = openLink(context, { id: made.id ?? 0 })
    expect(again).toMatchObject({ kind: 'iter', target: 'iterator bpf_map' })
    expect(isIter(again) && again.text()).toBe('')
    expect(program.count()).toBeGreaterThan(0)
  })

  it.each([
    ['an id that nobody has', { id: 2 ** 31 - 1 }, 'there is no link: link 2147483647 does not exist'],
    ['a path where nothing is', { path: `${directory}/none` }, `there is no link: ${directory}/none does not exist`],
  ])('is not found by %s', (_, source, message) => {
    expect(() => openLink(context, source)).toThrow(OpenLinkError)
    expect(() => openLink(context, source)).toThrow(message)
  })

  it('is not what else may be pinned', () => {
    const before = openDescriptors()
    {
      using program = load(action.pass)
      objPin(sys, program.fd, { path: pin })
      expect(() => openLink(context, { path: pin })).toThrow(`${pin} is a prog, not a link`)
    }
    expect(openDescriptors()).toBe(before)
  })
})

function errorOf(action: () => void): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  return undefined
}

function isIter(link: Link): link is IterLink {
  return 'text' in link
}
