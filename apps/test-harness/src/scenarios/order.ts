import { attachNetkit, attachTc, type HookState, type Link, type Place, queryNetkit, queryTc } from '@bpf/attach'
import type { CountingProgram } from '@bpf/attach/testing'
import { AttachType, ProgType, progAttach, progDetach } from '@bpf/sys'
import type { Requirements, Scenario, ScenarioContext } from '../scenario/types'
import { counting, prepared } from './every-hook'
import { netkitPair } from './netkit'

/** A hook at which programs have an order. */
interface OrderedHook {
  readonly family: string
  readonly requires: Requirements
  readonly attachType: number
  readonly prepare: (t: ScenarioContext) => void
  readonly attach: (
    t: ScenarioContext,
    program: CountingProgram,
    where: { readonly place?: Place; readonly expectedRevision?: bigint },
  ) => Link
  readonly query: (t: ScenarioContext) => HookState
  /** Makes every program run once, where none has the last word. */
  readonly send: (t: ScenarioContext) => void
  /** Runs `action` with the index of the interface, in its namespace. */
  readonly inside: (t: ScenarioContext, action: (ifindex: number) => void) => void
}

const cable = prepared(t => t.network())

const tcx: OrderedHook = {
  family: 'tc',
  requires: { features: ['tcx'], modules: ['veth'], commands: ['ip'] },
  attachType: AttachType.TcxIngress,
  prepare: cable.prepare,
  attach: (t, program, where) => attachTc(t.attachContext, program, { ...near(t), direction: 'ingress', ...where }),
  query: t => queryTc(t.attachContext, { ...near(t), direction: 'ingress' }).tcx,
  send: t => void cable.of(t).send(cable.of(t).far, cable.of(t).near),
  inside: (t, action) => cable.of(t).near.inside(() => action(cable.of(t).near.ifindex)),
}

function near(t: ScenarioContext) {
  const { netns, interface: name } = cable.of(t).near
  return { netns, interface: name }
}

const pair = prepared(netkitPair)

const netkit: OrderedHook = {
  family: 'netkit',
  requires: { features: ['netkit'], commands: ['ip'] },
  attachType: AttachType.NetkitPrimary,
  prepare: pair.prepare,
  attach: (t, program, where) => attachNetkit(t.attachContext, program, { ...primary(t), side: 'primary', ...where }),
  query: t => queryNetkit(t.attachContext, { ...primary(t), side: 'primary' }),
  send: t => pair.of(t).send('primary'),
  inside: (t, action) => pair.of(t).inside(action),
}

function primary(t: ScenarioContext) {
  return { interface: 'primary', netns: pair.of(t).netns }
}

/** The next program decides. */
const next = -1

const ordered = ({ family, requires, attachType, prepare, attach, query, send, inside }: OrderedHook): Scenario => ({
  name: `${family}: programs in order, theirs among them`,
  family,
  requires,
  prepare,
  check(t) {
    const { sys } = t.attachContext
    const program = (name: string) => counting(t, { type: ProgType.SchedCls, expectedAttachType: attachType, returns: next, name })
    const theirs = program('theirs')
    const [first, before, after, last] = [program('first'), program('before'), program('after'), program('last')]
    // As another tool attaches it: without a link.
    inside(t, targetIfindex => progAttach(sys, { targetIfindex, attachType, progFd: theirs.fd }))
    t.defer(() => inside(t, targetIfindex => progDetach(sys, { targetIfindex, attachType, progFd: theirs.fd })))
    const links = [
      attach(t, last, { place: 'last' }),
      attach(t, first, { place: 'first' }),
      attach(t, before, { place: { before: { program: theirs } } }),
      attach(t, after, { place: { after: { program: theirs } } }),
    ]
    for (const link of links) t.defer(() => link.close())
    const { programs, revision } = query(t)
    const order = programs.map(({ programName }) => programName).join()
    if (order !== 'first,before,theirs,after,last') throw new Error(`they run in the order ${order}`)
    send(t)
    const runs = [first, before, theirs, after, last].map(one => one.count())
    if (runs.some(count => count === 0)) throw new Error(`they ran ${runs.join()} times`)

    for (const link of links) link.close()
    expectStale(() => attach(t, last, { expectedRevision: revision ?? 0n }))
    attach(t, last, { expectedRevision: query(t).revision ?? 0n }).close()
  },
})

function expectStale(attach: () => Link): void {
  let link: Link
  try {
    link = attach()
  } catch (error) {
    if (String(error).includes('the hook changed since its revision was read')) return
    throw error
  }
  link.close()
  throw new Error('attached, though the hook changed since its revision was read')
}

/** Places before and after others, and revisions. */
export const orderScenarios: readonly Scenario[] = [tcx, netkit].map(ordered)
