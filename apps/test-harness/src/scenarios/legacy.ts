import { attachCgroup, attachKprobe, attachRawTracepoint, attachSocketFilter, attachTracepoint, type Link } from '@bpf/attach'
import { inet, TestSocket } from '@bpf/attach/testing'
import type { FeatureName } from '../scenario/features'
import type { Scenario, ScenarioContext } from '../scenario/types'
import { prepared } from './every-hook'

/** Slots of the map `calls` in which the programs of `programs.o` count. */
const slots = {
  on_kprobe: 0,
  on_kretprobe: 1,
  on_tracepoint: 2,
  on_raw_tracepoint: 3,
  on_socket: 6,
  on_cgroup_skb: 7,
  on_cgroup_sock: 8,
} as const
type Program = keyof typeof slots

/** Objects of that time have no types: values are raw bytes. */
function calls(t: ScenarioContext, program: Program): bigint {
  const value = t.lookup('calls', slots[program])
  if (!(value instanceof Uint8Array)) throw new Error('the map has no raw values')
  return new DataView(value.buffer, value.byteOffset).getBigUint64(0, true)
}

const startAProcess = (t: ScenarioContext) => void t.run('true')

/** `SEC("maps")`, no BTF, and the interfaces that were there when such objects were written. */
const legacy = (
  program: Program,
  features: readonly FeatureName[],
  rest: Pick<Scenario, 'prepare' | 'attach' | 'stimulate'>,
): Scenario => ({
  name: `legacy ${program.slice('on_'.length)}`,
  family: 'legacy',
  object: 'programs.o',
  programs: [program],
  requires: { features },
  effect: t => calls(t, program),
  ...rest,
})

const group = prepared(t => t.cgroup())
const receiver = prepared(t => {
  const socket = TestSocket.udp(t.attachContext.sys)
  t.defer(() => socket.close())
  socket.bind(inet('127.0.0.1', 0))
  return socket
})

function sendToReceiver(t: ScenarioContext): void {
  const sender = TestSocket.udp(t.attachContext.sys)
  sender.send('hello', inet('127.0.0.1', receiver.of(t).port()))
  sender.close()
}

const inCgroup = (program: Program) => (t: ScenarioContext) =>
  attachCgroup(t.attachContext, t.program(program), {
    cgroup: group.of(t).path,
    attachType: program === 'on_cgroup_skb' ? cgroupHooks.egress : cgroupHooks.sockCreate,
    interfaces: ['prog_attach'],
  })
/** `enum bpf_attach_type`: the sections say less than that. */
const cgroupHooks = { egress: 1, sockCreate: 2 } as const

function makeTraffic(t: ScenarioContext): void {
  group.of(t).inside(() => {
    const socket = TestSocket.udp(t.attachContext.sys)
    socket.send('x', inet('127.0.0.1', 9))
    socket.close()
  })
}

const byTracefs =
  (program: Program, symbol: string) =>
  (t: ScenarioContext): Link =>
    attachKprobe(t.attachContext, t.program(program), { symbol, returns: program === 'on_kretprobe', interfaces: ['tracefs event'] })

export const legacyScenarios: readonly Scenario[] = [
  legacy('on_kprobe', ['kprobe'], { attach: byTracefs('on_kprobe', 'wake_up_new_task'), stimulate: startAProcess }),
  legacy('on_kretprobe', ['kprobe'], { attach: byTracefs('on_kretprobe', 'kernel_clone'), stimulate: startAProcess }),
  legacy('on_tracepoint', ['tracepoint'], {
    attach: t =>
      attachTracepoint(t.attachContext, t.program('on_tracepoint'), {
        category: 'sched',
        name: 'sched_process_fork',
        interfaces: ['perf_event ioctl'],
      }),
    stimulate: startAProcess,
  }),
  legacy('on_raw_tracepoint', ['raw tracepoint'], {
    attach: t => attachRawTracepoint(t.attachContext, t.program('on_raw_tracepoint'), { name: 'sched_process_fork' }),
    stimulate: startAProcess,
  }),
  legacy('on_socket', ['socket filter'], {
    prepare: receiver.prepare,
    attach: t => attachSocketFilter(t.attachContext, t.program('on_socket'), { socket: receiver.of(t).fd }),
    stimulate: sendToReceiver,
  }),
  legacy('on_cgroup_skb', ['cgroup'], { prepare: group.prepare, attach: inCgroup('on_cgroup_skb'), stimulate: makeTraffic }),
  legacy('on_cgroup_sock', ['cgroup'], { prepare: group.prepare, attach: inCgroup('on_cgroup_sock'), stimulate: makeTraffic }),
  {
    name: 'legacy tail calls',
    family: 'legacy',
    object: 'tail-calls.o',
    attach: () => [],
    check(t) {
      const choice = t.object.map('choice')
      const expected = [10, 20, 1]
      for (const [slot, value] of expected.entries()) {
        if ('set' in choice) choice.set(0 as never, Uint8Array.of(slot, 0, 0, 0) as never)
        const { returnValue } = t.program('entry').run({ data: new Uint8Array(64) })
        if (returnValue !== value) throw new Error(`slot ${slot} returned ${returnValue}, expected ${value}`)
      }
    },
  },
]
