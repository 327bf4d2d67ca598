import { nearNames } from '@bpf/bytes'
import { attachCgroup, type CgroupTarget } from '../cgroup/cgroup'
import type { AttachContext } from '../context'
import { attachIter, type IterTarget } from '../iter'
import { attachKprobe, type KprobeTarget } from '../kprobe/kprobe'
import { attachKsyscall, type KsyscallTarget } from '../kprobe/ksyscall'
import type { AttachableProgram, Link } from '../link/link'
import { attachLirc, type LircTarget } from '../lirc'
import { attachLwt, type LwtTarget } from '../lwt/lwt'
import { attachNetfilter, type NetfilterTarget } from '../netfilter'
import { attachNetkit, type NetkitTarget } from '../netkit'
import { attachNetns, type NetnsTarget } from '../netns'
import { attachPerfEvent, type PerfEventTarget } from '../perf-event/perf-event'
import { attachReuseport, attachSocketFilter, type SocketFilterTarget, type SocketTarget } from '../socket/socket'
import { attachSockmap, type SockmapTarget } from '../socket/sockmap'
import { attachTc, type TcTarget } from '../tc/tc'
import { attachTcAction, type TcActionTarget } from '../tc/tc-action'
import { attachRawTracepoint, type RawTracepointTarget } from '../tracepoint/raw-tracepoint'
import { attachTracepoint, type TracepointTarget } from '../tracepoint/tracepoint'
import { attachFreplace, type FreplaceTarget } from '../tracing/freplace'
import { attachTracing, type TracingTarget } from '../tracing/tracing'
import { attachUprobe, type UprobeTarget } from '../uprobe/uprobe'
import { attachUsdt, type UsdtTarget } from '../usdt/usdt'
import { attachCpumap, attachDevmap, type CpumapTarget, type DevmapTarget } from '../xdp/redirect-map'
import { attachXdp, type XdpTarget } from '../xdp/xdp'
import { attachDispatched } from '../xdp-dispatcher/dispatched'
import type { DispatchedTarget } from '../xdp-dispatcher/xdp-dispatched'
import { AttachSpecError, isSelected, parseTargetText } from './attach-spec'
import { attachTo } from './attach-to'
import { hookNameOf } from './hook-of'
import { isReturn } from './system-hooks'

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

/** A target that can be written down, with options by name: `{ target: 'eth0', mode: 'generic' }`. */
export interface TextTarget {
  readonly target: string
  readonly [option: string]: string | number | bigint | boolean
}

/**
 * Where a program goes: a text as on a command line, `eth0,mode=generic` or `xdp=eth0,mode=generic`; the same in parts; or the
 * options of its hook. All but descriptors can come out of a JSON file: see `parseAttachTarget`.
 */
export type AttachTarget = string | TextTarget | HookTarget

type Backends = {
  readonly [Hook in keyof HookTargets]: (context: AttachContext, program: AttachableProgram, target: HookTargets[Hook]) => Link
}

const backends: Backends = {
  cgroup: attachCgroup,
  cpumap: attachCpumap,
  devmap: attachDevmap,
  tracing: attachTracing,
  freplace: attachFreplace,
  iter: attachIter,
  kprobe: (context, program, target) => attachKprobe(context, program, { returns: isReturn(program), ...target }),
  ksyscall: (context, program, target) => attachKsyscall(context, program, { returns: isReturn(program), ...target }),
  lirc: attachLirc,
  lwt: attachLwt,
  netfilter: attachNetfilter,
  netkit: attachNetkit,
  netns: attachNetns,
  perfEvent: attachPerfEvent,
  rawTracepoint: attachRawTracepoint,
  reuseport: attachReuseport,
  socketFilter: attachSocketFilter,
  sockmap: attachSockmap,
  tc: attachTc,
  tcAction: attachTcAction,
  tracepoint: attachTracepoint,
  uprobe: (context, program, target) => attachUprobe(context, program, { returns: isReturn(program), ...target }),
  usdt: (context, program, target) => attachUsdt(context, program, { specs: context.usdt, ...target }),
  xdp: attachXdp,
  xdpDispatched: attachDispatched,
}

/** Attaches a program where `target` says. @throws AttachError, OptionError, AttachSpecError */
export function attachProgram(context: AttachContext, program: AttachableProgram, target: AttachTarget): Link {
  if (typeof target === 'string') return attachText(context, program, target)
  if (isTextTarget(target)) {
    const { target: text, ...options } = target
    return attachTo(context, program, text, textsOf(options))
  }
  return attachHook(context, program, target)
}

function attachText(context: AttachContext, program: AttachableProgram, text: string): Link {
  const [, select, rest = text] = /^([^=,]+)=(.*)$/s.exec(text) ?? []
  const isOurs = select === undefined || select === hookNameOf(program) || isSelected({ select }, program)
  if (!isOurs) throw new AttachSpecError(text, `program "${program.name}" in section "${program.section}" is not for ${select}`)
  const { target, options } = parseTargetText(rest, text)
  return attachTo(context, program, target, options)
}

function attachHook(context: AttachContext, program: AttachableProgram, target: HookTarget): Link {
  const [hook, options] = Object.entries(target)[0] ?? []
  // A hook and its options belong together by their type.
  const attach = backends[hook as keyof HookTargets] as (context: AttachContext, program: AttachableProgram, options: unknown) => Link
  return attach(context, program, options)
}

function isTextTarget(target: TextTarget | HookTarget): target is TextTarget {
  return 'target' in target
}

const textsOf = (options: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)]))

/** 64 bits wide in every hook that has them; JSON has no such numbers. */
const bigintOptions: ReadonlySet<string> = new Set(['address', 'cookie', 'expectedRevision'])

/**
 * A target out of a JSON file: a text, `{ "target": "eth0", "mode": "generic" }` or `{ "xdp": { "interface": "eth0" } }`. Numbers of
 * 64 bits may be texts, also hexadecimal. What the options mean is checked when attaching.
 *
 * @throws AttachSpecError
 */
export function parseAttachTarget(json: unknown): AttachTarget {
  if (typeof json === 'string') return json
  const text = JSON.stringify(json) ?? String(json)
  if (!isRecord(json)) throw new AttachSpecError(text, 'write a text, { "target": … } or { "HOOK": { … } }')
  if (typeof json['target'] === 'string') return { ...scalarsOf(json, text), target: json['target'] }
  const [[hook, options] = [], another] = Object.entries(json)
  if (hook === undefined || another !== undefined) throw new AttachSpecError(text, 'name one hook, such as { "xdp": { … } }')
  if (!Object.hasOwn(backends, hook)) {
    const [near] = nearNames(hook, Object.keys(backends))
    throw new AttachSpecError(text, near === undefined ? `hooks are ${Object.keys(backends).join(', ')}` : `did you mean ${near}?`)
  }
  if (!isRecord(options)) throw new AttachSpecError(text, `the options of ${hook} are an object`)
  return {
    [hook]: Object.fromEntries(Object.entries(options).map(([name, value]) => [name, wide(name, value, text)])),
  } as unknown as HookTarget
}

function scalarsOf(json: Readonly<Record<string, unknown>>, text: string): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => {
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return [name, value]
      throw new AttachSpecError(text, `option ${name} is a text, a number, true or false`)
    }),
  )
}

function wide(name: string, value: unknown, text: string): unknown {
  if (!bigintOptions.has(name)) return value
  if (typeof value === 'string' && /^(?:\d{1,20}|0x[0-9a-fA-F]{1,16})$/.test(value)) return BigInt(value)
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value)
  throw new AttachSpecError(text, `${name} is a number, or a text such as "0x10"`)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
