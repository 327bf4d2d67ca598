import { ProgType } from '@bpf/sys'
import { afterAll, describe, expect, it } from 'vitest'
import { attachKprobe } from './kprobe/kprobe'
import type { AttachableProgram, Link } from './link/link'
import { attachPerfEvent } from './perf-event/perf-event'
import { attachTc } from './tc/tc'
import { countingProgram } from './testing/counting-program'
import { attachErrorOf } from './testing/errors'
import { openDescriptors, testContext } from './testing/test-context'
import { testNetwork } from './testing/test-network'
import { attachTracepoint } from './tracepoint/tracepoint'
import { attachUprobe } from './uprobe/uprobe'
import { attachXdp } from './xdp/xdp'

const context = testContext()
const { sys } = context
const network = testNetwork(sys)
afterAll(() => network[Symbol.dispose]())
const here = { interface: network.near.interface, netns: network.near.netns }

const hasKprobes = context.kernel.files.text('/sys/bus/event_source/devices/kprobe/type') !== undefined

function expectToldSo(wanted: string, attach: (program: AttachableProgram) => Link): void {
  using program = countingProgram(sys, { type: ProgType.SocketFilter })
  const before = openDescriptors()
  const error = attachErrorOf(() => attach(program))
  expect(error.message).toMatch(new RegExp(`: it is of type socket_filter, and this hook calls those of type ${wanted}$`))
  expect(error.hint).toContain('section')
  expect(openDescriptors()).toBe(before)
}

describe('a program of another type', () => {
  it.each<[hook: string, wanted: string, attach: (program: AttachableProgram) => Link]>([
    ['XDP', 'xdp', program => attachXdp(context, program, here)],
    ['tc', 'sched_cls', program => attachTc(context, program, { ...here, direction: 'ingress' })],
    ['a tracepoint', 'tracepoint', program => attachTracepoint(context, program, { category: 'sched', name: 'sched_switch' })],
    ['a uprobe', 'kprobe', program => attachUprobe(context, program, { binary: process.execPath, offset: 0x1000 })],
    ['a perf event', 'perf_event', program => attachPerfEvent(context, program, { event: 'cpu-clock', cpu: 0 })],
  ])('is told so by %s', (_, wanted, attach) => expectToldSo(wanted, attach))

  it.skipIf(!hasKprobes)('is told so by a kprobe (CONFIG_KPROBES)', () => {
    expectToldSo('kprobe', program => attachKprobe(context, program, { symbol: 'vfs_read' }))
  })
})
