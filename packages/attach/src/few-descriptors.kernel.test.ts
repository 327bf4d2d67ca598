import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BpfError } from '@bpf/bytes'
import { readFixture } from '@bpf/fixtures'
import { withFewDescriptors } from '@bpf/kernel/testing'
import { AttachType, MapType, mapCreate, ProgType } from '@bpf/sys'
import { afterAll, describe, expect, it } from 'vitest'
import { attachCgroup } from './cgroup/cgroup'
import type { Link } from './link/link'
import { attachLwt } from './lwt/lwt'
import { attachNetns } from './netns'
import { attachSockmap } from './socket/sockmap'
import { attachTc } from './tc/tc'
import { type CountingProgram, type CountingProgramOptions, countingProgram } from './testing/counting-program'
import { testBinary } from './testing/test-binary'
import { testCgroup } from './testing/test-cgroup'
import { openDescriptors, testContext } from './testing/test-context'
import { testNetwork } from './testing/test-network'
import { eventNames } from './tracefs-event'
import { attachTracepoint } from './tracepoint/tracepoint'
import { attachUprobe } from './uprobe/uprobe'
import { attachXdp, queryXdp } from './xdp/xdp'

const runDirectory = mkdtempSync(join(tmpdir(), 'bpf-notes-'))
const context = { ...testContext(), runDirectory }
const { sys, kernel } = context
const network = testNetwork(sys)
const { near, far } = network
const cgroup = testCgroup(context, 'few')
const binary = testBinary('probes', await readFixture('elf/probes.elf'))
const sockets = mapCreate(sys, { type: MapType.Sockmap, keySize: 4, valueSize: 4, maxEntries: 1 })
afterAll(() => {
  for (const made of [network, cgroup, binary, sockets]) made[Symbol.dispose]()
  rmSync(runDirectory, { recursive: true })
})

/** What outlives a process if nobody takes it away. */
function lasting(): unknown {
  const events = eventNames(readFileSync(join(kernel.ensureTracefs(), 'uprobe_events'), 'utf8'))
  const show = (...command: string[]) => execFileSync(command[0] ?? '', ['-n', near.netns.slice('/run/netns/'.length), ...command.slice(1)])
  const shown = [
    ['tc', 'qdisc', 'show'],
    ['ip', '-d', 'link', 'show', 'near'],
    ['ip', 'route'],
  ].map(command => show(...command).toString())
  return [openDescriptors(), readdirSync(runDirectory), events.filter(name => name.includes(`_${process.pid}_`)), shown]
}

/** Even if it takes a descriptor and none is left: then later. */
function closeSomehow(link: Link): void {
  try {
    withFewDescriptors(sys, 0, () => link.close())
  } catch (error) {
    expect(error).toMatchObject({ errnoName: 'EMFILE' })
    expect(link.closed).toBe(false)
    link.close()
  }
  expect(link.closed).toBe(true)
}

const here = { interface: near.interface, netns: near.netns }
const ways: readonly [string, Partial<CountingProgramOptions>, (program: CountingProgram) => Link][] = [
  ['a filter', { type: ProgType.SchedCls }, p => attachTc(context, p, { ...here, direction: 'egress', interfaces: ['netlink'] })],
  ['XDP by netlink', { type: ProgType.Xdp, returns: 2 }, p => attachXdp(context, p, { ...here, interfaces: ['netlink'] })],
  ['XDP by link', { type: ProgType.Xdp, returns: 2 }, p => attachXdp(context, p, here)],
  [
    'a cgroup by BPF_PROG_ATTACH',
    { type: ProgType.CgroupSock, expectedAttachType: AttachType.CgroupInetSockCreate, returns: 1 },
    p => attachCgroup(context, p, { cgroup: cgroup.path, interfaces: ['prog_attach'] }),
  ],
  [
    'a flow dissector by BPF_PROG_ATTACH',
    { type: ProgType.FlowDissector, expectedAttachType: AttachType.FlowDissector },
    p => attachNetns(context, p, { netns: near.netns, interfaces: ['prog_attach'] }),
  ],
  [
    'a sockmap by BPF_PROG_ATTACH',
    { type: ProgType.SkMsg, expectedAttachType: AttachType.SkMsgVerdict, returns: 1 },
    p => attachSockmap(context, p, { map: { fd: sockets.fd, name: 'sockets' }, interfaces: ['prog_attach'] }),
  ],
  ['a route', { type: ProgType.LwtOut }, p => attachLwt(context, p, { ...here, destination: '192.0.2.0/24', via: far.address })],
  [
    'a tracepoint',
    { type: ProgType.Tracepoint },
    p => attachTracepoint(context, p, { category: 'sched', name: 'sched_process_exec', interfaces: ['perf_event ioctl'] }),
  ],
  [
    'a uprobe by tracefs',
    { type: ProgType.Kprobe },
    p => attachUprobe(context, p, { binary: binary.path, symbol: 'request', interfaces: ['tracefs event'] }),
  ],
]

describe('where descriptors run out', () => {
  it.each(ways)('%s is attached or leaves nothing, and is always detached', (_, options, attach) => {
    using program = countingProgram(sys, { type: 0, ...options })
    const first = attach(program)
    const notes = readdirSync(runDirectory).length
    first.close()
    const before = lasting()
    for (let more = 0, enough = false; !enough; more++) {
      let link: Link | undefined
      try {
        link = withFewDescriptors(sys, more, () => attach(program))
        enough = true
      } catch (error) {
        expect(error).toBeInstanceOf(BpfError)
        expect(error, `with ${more} more`).toMatchObject({ message: expect.stringContaining('EMFILE') })
      }
      if (link !== undefined) {
        expect(readdirSync(runDirectory), `with ${more} more`).toHaveLength(notes)
        closeSomehow(link)
      }
      expect(lasting(), `with ${more} more`).toEqual(before)
    }
  })

  it('a program takes no place that cannot be noted', () => {
    using first = countingProgram(sys, { type: ProgType.Xdp, returns: 2, name: 'first' })
    using second = countingProgram(sys, { type: ProgType.Xdp, returns: 2, name: 'second' })
    using link = attachXdp(context, first, { ...here, interfaces: ['netlink'] })
    expect(() => withFewDescriptors(sys, 1, () => link.update(second))).toThrow('EMFILE')
    expect(queryXdp(context, here)).toMatchObject([{ programName: 'first' }])
  })
})
