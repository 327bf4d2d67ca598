import { nearNames } from '@bpf/bytes'
import type { CgroupTarget } from '../cgroup/cgroup'
import type { IterTarget } from '../iter'
import type { KprobeTarget } from '../kprobe/kprobe'
import type { KsyscallTarget } from '../kprobe/ksyscall'
import type { LircTarget } from '../lirc'
import type { LwtTarget } from '../lwt/lwt'
import type { NetfilterTarget } from '../netfilter'
import type { NetkitTarget } from '../netkit'
import type { NetnsTarget } from '../netns'
import type { PerfEventTarget } from '../perf-event/perf-event'
import type { SocketFilterTarget, SocketTarget } from '../socket/socket'
import type { SockmapTarget } from '../socket/sockmap'
import type { TcTarget } from '../tc/tc'
import type { TcActionTarget } from '../tc/tc-action'
import type { RawTracepointTarget } from '../tracepoint/raw-tracepoint'
import type { TracepointTarget } from '../tracepoint/tracepoint'
import type { FreplaceTarget } from '../tracing/freplace'
import type { TracingTarget } from '../tracing/tracing'
import type { UprobeTarget } from '../uprobe/uprobe'
import type { UsdtTarget } from '../usdt/usdt'
import type { CpumapTarget, DevmapTarget } from '../xdp/redirect-map'
import type { XdpTarget } from '../xdp/xdp'
import type { DispatchedTarget } from '../xdp-dispatcher/xdp-dispatched'

/** Where programs of each hook family go. */
export interface HookTargets {
  cgroup: CgroupTarget
  cpumap: CpumapTarget
  devmap: DevmapTarget
  /** Also of `fentry`, `fexit` and the like: what to is fixed when they are loaded. */
  tracing: TracingTarget
  freplace: FreplaceTarget
  iter: IterTarget
  kprobe: KprobeTarget
  ksyscall: KsyscallTarget
  lirc: LircTarget
  lwt: LwtTarget
  netfilter: NetfilterTarget
  netkit: NetkitTarget
  netns: NetnsTarget
  perfEvent: PerfEventTarget
  rawTracepoint: RawTracepointTarget
  reuseport: SocketTarget
  socketFilter: SocketFilterTarget
  sockmap: SockmapTarget
  tc: TcTarget
  tcAction: TcActionTarget
  tracepoint: TracepointTarget
  uprobe: UprobeTarget
  usdt: UsdtTarget
  xdp: XdpTarget
  /** Among other XDP programs of the interface: `{ xdpDispatched: { interface: 'eth0', priority: 10 } }`. */
  xdpDispatched: DispatchedTarget
}

/** One hook with its options: `{ xdp: { interface: 'eth0', mode: 'generic' } }`. */
export type HookTarget = { [Hook in keyof HookTargets]: { readonly [Name in Hook]: HookTargets[Hook] } }[keyof HookTargets]

/** Each option of a target, and whether it may be left out. */
type OptionsOf<Target> = {
  readonly [Name in keyof Required<Target>]: Partial<Pick<Target, Name>> extends Pick<Target, Name> ? 'optional' : 'needed'
}

const needed = 'needed'
const optional = 'optional'

/** The options of each family, for targets whose types nobody checked: the types see to it that this is what the targets have. */
const hookOptions: { readonly [Hook in keyof HookTargets]: OptionsOf<HookTargets[Hook]> } = {
  cgroup: {
    cgroup: needed,
    attachType: optional,
    mode: optional,
    place: optional,
    preorder: optional,
    expectedRevision: optional,
    interfaces: optional,
  },
  cpumap: { map: needed, cpu: needed, queueSize: optional },
  devmap: { map: needed, key: needed, interface: needed, netns: optional },
  tracing: { cookie: optional, interfaces: optional },
  freplace: { program: optional, function: optional, cookie: optional, interfaces: optional },
  iter: { map: optional, cgroup: optional, order: optional, tid: optional, pid: optional },
  kprobe: {
    symbol: optional,
    module: optional,
    duplicates: optional,
    address: optional,
    offset: optional,
    returns: optional,
    cookie: optional,
    interfaces: optional,
  },
  ksyscall: { syscall: needed, returns: optional, cookie: optional, interfaces: optional },
  lirc: { device: needed },
  lwt: { destination: needed, interface: needed, netns: optional, via: optional, table: optional, metric: optional, headroom: optional },
  netfilter: { family: needed, hook: needed, priority: optional, defragment: optional, netns: optional },
  netkit: { interface: needed, netns: optional, side: optional, place: optional, expectedRevision: optional },
  netns: { netns: optional, attachType: optional, interfaces: optional },
  perfEvent: {
    event: needed,
    frequency: optional,
    period: optional,
    pid: optional,
    tid: optional,
    cpu: optional,
    cgroup: optional,
    exclude: optional,
    cookie: optional,
    interfaces: optional,
  },
  rawTracepoint: { name: needed, cookie: optional },
  reuseport: { socket: needed },
  socketFilter: { socket: needed, lock: optional },
  sockmap: { map: needed, attachType: optional, interfaces: optional },
  tc: {
    interface: needed,
    netns: optional,
    direction: optional,
    place: optional,
    expectedRevision: optional,
    priority: optional,
    handle: optional,
    directAction: optional,
    classId: optional,
    interfaces: optional,
  },
  tcAction: { interface: needed, direction: needed, netns: optional, priority: optional, interfaces: optional },
  tracepoint: { category: needed, name: needed, cookie: optional, interfaces: optional },
  uprobe: {
    binary: needed,
    symbol: optional,
    offset: optional,
    address: optional,
    pid: optional,
    returns: optional,
    refCounter: optional,
    cookie: optional,
    interfaces: optional,
  },
  usdt: { binary: needed, provider: needed, name: needed, pid: optional, cookie: optional, specs: optional, interfaces: optional },
  xdp: { interface: needed, netns: optional, mode: optional, replace: optional, interfaces: optional },
  xdpDispatched: { interface: needed, netns: optional, priority: optional, chainCallActions: optional, mode: optional, frags: optional },
}

type Options = Readonly<Record<string, unknown>>

/** A target in parts, or what is wrong with it. */
export type ReadHookTarget =
  | { readonly hook: keyof HookTargets; readonly options: Options }
  | { readonly problem: string; readonly hint: string }

/** Takes a target apart whose form nobody checked. */
export function readHookTarget(target: Options): ReadHookTarget {
  const [[hook, options] = [], another] = Object.entries(target)
  if (hook === undefined || another !== undefined)
    return { problem: 'the target does not name one hook', hint: 'name one hook, such as { "xdp": { … } }' }
  if (!isHook(hook)) return { problem: `there is no hook "${hook}"`, hint: nearOrAll(hook, Object.keys(hookOptions), 'hooks are') }
  if (!isOptions(options)) return { problem: `${hook} has no options`, hint: `the options of ${hook} are an object` }
  return { hook, options }
}

/** What is wrong with the names of a hook's options. */
export function checkOptionNames(hook: keyof HookTargets, given: Options): { readonly problem: string; readonly hint: string } | undefined {
  const presence: Readonly<Record<string, 'needed' | 'optional'>> = hookOptions[hook]
  const names = Object.keys(presence)
  const unknown = Object.keys(given).find(name => !names.includes(name))
  if (unknown !== undefined) {
    const [near] = nearNames(unknown, names)
    const all = `options of ${hook} are ${names.join(', ')}`
    return { problem: `${hook} has no option "${unknown}"`, hint: near === undefined ? all : `did you mean ${near}? The ${all}` }
  }
  const missing = names.find(name => presence[name] === 'needed' && given[name] === undefined)
  return missing === undefined
    ? undefined
    : { problem: `${hook} needs the option "${missing}"`, hint: `options of ${hook} are ${names.join(', ')}` }
}

function nearOrAll(name: string, names: readonly string[], words: string): string {
  const [near] = nearNames(name, names)
  return near === undefined ? `${words} ${names.join(', ')}` : `did you mean ${near}?`
}

function isHook(name: string): name is keyof HookTargets {
  return Object.hasOwn(hookOptions, name)
}

export function isOptions(value: unknown): value is Options {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
