import { AttachType, ProgType } from '@bpf/sys'
import { attachCgroup } from '../cgroup'
import type { AttachContext, NamedMap } from '../context'
import { AttachError } from '../errors'
import { attachIter } from '../iter'
import { attachKprobe } from '../kprobe/kprobe'
import { attachKsyscall } from '../kprobe/ksyscall'
import type { AttachableProgram, Link } from '../link'
import { attachLirc } from '../lirc'
import { attachLwt } from '../lwt/lwt'
import { attachNetfilter, netfilterFamilies, netfilterHooks } from '../netfilter'
import { attachNetkit } from '../netkit'
import { attachNetns } from '../netns'
import { attachPerfEvent } from '../perf-event/perf-event'
import { attachRawTracepoint } from '../raw-tracepoint'
import { attachCpumap, attachDevmap } from '../redirect-map'
import { attachSockmap } from '../sockmap'
import { attachTc } from '../tc'
import { attachTcAction } from '../tc-action'
import { attachTracepoint, parseTracepointTarget } from '../tracepoint'
import { attachUprobe } from '../uprobe/uprobe'
import { attachUsdt } from '../usdt/usdt'
import { attachXdp } from '../xdp'
import { attachDispatched } from '../xdp-dispatcher/dispatched'
import { type XdpAction, xdpActions } from '../xdp-dispatcher/run-config'
import { OptionError, type OptionParser, oneOf, parseOptions, yesNo } from './option-values'
import { parseBinaryTarget, parseFunctionTarget, parseMapEntry, parseUsdtTarget, sectionWord } from './section-target'

/** A hook whose target is said as text: `eth0`, `/sys/fs/cgroup/web`, `cpu-clock`. */
interface Hook {
  readonly name: string
  /** How a target looks. */
  readonly form: string
  readonly options: readonly string[]
  /** Options whose values are of this hook alone. */
  readonly own?: Readonly<Record<string, OptionParser>>
  /** Other ways to use the hook, with options of their own, by the option that asks for them. */
  readonly variants?: Readonly<Record<string, Hook>>
  /** Undefined when `target` says nothing. Options were checked by name and value. */
  attach(context: AttachContext, program: AttachableProgram, target: string, options: object): Link | undefined
}

/** `7` is an interface's index. */
const interfaceOf = (text: string) => (/^\d+$/.test(text) ? Number(text) : text)
const netkitTypes: readonly number[] = [AttachType.NetkitPrimary, AttachType.NetkitPeer]

const dispatchedXdp: Hook = {
  name: 'xdp,dispatch',
  form: 'an interface: eth0',
  options: ['netns', 'priority'],
  own: { mode: oneOf('native', 'generic', 'offload'), chainCallActions: actions },
  attach: (context, program, target, options) => attachDispatched(context, program, { interface: interfaceOf(target), ...options }),
}
const xdp: Hook = {
  name: 'xdp',
  form: 'an interface: eth0',
  options: ['netns'],
  own: { mode: oneOf('native', 'generic', 'offload'), replace: oneOf('any') },
  variants: { dispatch: dispatchedXdp },
  attach: (context, program, target, options) => attachXdp(context, program, { interface: interfaceOf(target), ...options }),
}
const devmap: Hook = {
  name: 'devmap',
  form: 'MAP:KEY@INTERFACE: ports:3@eth0',
  options: ['netns'],
  attach(context, program, target, options) {
    const [, entry = '', device] = /^(.+)@([^@]+)$/.exec(target) ?? []
    const place = parseMapEntry(entry)
    if (place === undefined || device === undefined) return undefined
    const { map, key } = place
    return attachDevmap(context, program, { map: mapOf(context, program, map), key, interface: interfaceOf(device), ...options })
  },
}
const cpumap: Hook = {
  name: 'cpumap',
  form: 'MAP:CPU: cpus:2',
  options: ['queueSize'],
  attach(context, program, target, options) {
    const place = parseMapEntry(target)
    return place && attachCpumap(context, program, { map: mapOf(context, program, place.map), cpu: place.key, ...options })
  },
}
const tc: Hook = {
  name: 'tc',
  form: 'INTERFACE[:ingress|:egress]: eth0:ingress',
  options: ['netns', 'place', 'expectedRevision', 'priority', 'handle', 'directAction', 'classId'],
  own: { direction: oneOf('ingress', 'egress') },
  attach(context, program, target, options) {
    // No interface has a colon in its name.
    const [name = '', direction, more] = target.split(':')
    if (name === '' || more !== undefined || !(direction === undefined || isDirection(direction))) return undefined
    return attachTc(context, program, { interface: interfaceOf(name), ...(direction && { direction }), ...options })
  },
}
const tcAction: Hook = {
  name: 'action',
  form: 'INTERFACE:ingress or INTERFACE:egress: eth0:ingress',
  options: ['netns', 'priority'],
  attach(context, program, target, options) {
    const [name = '', direction, more] = target.split(':')
    if (name === '' || more !== undefined || direction === undefined || !isDirection(direction)) return undefined
    return attachTcAction(context, program, { interface: interfaceOf(name), direction, ...options })
  },
}
const netkit: Hook = {
  name: 'netkit',
  form: 'an interface: nk0',
  options: ['netns', 'place', 'expectedRevision'],
  own: { side: oneOf('primary', 'peer') },
  attach: (context, program, target, options) => attachNetkit(context, program, { interface: interfaceOf(target), ...options }),
}
const cgroup: Hook = {
  name: 'cgroup',
  form: 'a directory: /sys/fs/cgroup/web',
  options: ['place', 'preorder', 'expectedRevision'],
  own: { mode: oneOf('multi', 'override', 'exclusive') },
  attach: (context, program, target, options) => attachCgroup(context, program, { cgroup: target, ...options }),
}
const netns: Hook = {
  name: 'netns',
  form: 'a network namespace: /run/netns/blue, or "here"',
  options: [],
  attach: (context, program, target) => attachNetns(context, program, target === 'here' ? {} : { netns: target }),
}
const perfEvent: Hook = {
  name: 'perf_event',
  form: 'an event: cpu-clock',
  options: ['frequency', 'period', 'pid', 'cpu', 'cgroup', 'cookie'],
  own: { exclude: oneOf('user', 'kernel') },
  attach: (context, program, event, options) => attachPerfEvent(context, program, { event, ...options }),
}
const netfilter: Hook = {
  name: 'netfilter',
  form: `FAMILY:HOOK: ipv4:input (${Object.keys(netfilterFamilies).join(', ')}; ${Object.keys(netfilterHooks).join(', ')})`,
  options: ['priority', 'defragment', 'netns'],
  attach(context, program, target, options) {
    const [family = '', hook = '', more] = target.split(':')
    if (!isKey(netfilterFamilies, family) || !isKey(netfilterHooks, hook) || more !== undefined) return undefined
    return attachNetfilter(context, program, { family, hook, ...options })
  },
}
const lirc: Hook = {
  name: 'lirc_mode2',
  form: 'a device: /dev/lirc0',
  options: [],
  attach: (context, program, device) => attachLirc(context, program, { device }),
}
const lwt: Hook = {
  name: 'lwt',
  form: 'NETWORK@INTERFACE: 10.1.0.0/16@eth0',
  options: ['via', 'table', 'metric', 'headroom', 'netns'],
  attach(context, program, target, options) {
    const [, destination, device] = /^([^@]+)@([^@]+)$/.exec(target) ?? []
    if (destination === undefined || device === undefined) return undefined
    return attachLwt(context, program, { destination, interface: interfaceOf(device), ...options })
  },
}
const iter: Hook = {
  name: 'iter',
  form: 'a cgroup, "all", or map:NAME',
  options: ['pid', 'tid'],
  own: { order: oneOf('self', 'pre', 'post', 'up', 'children') },
  attach(context, program, target, options) {
    if (target === 'all') return attachIter(context, program, options)
    if (!target.startsWith('map:')) return attachIter(context, program, { cgroup: target, ...options })
    return attachIter(context, program, { map: mapOf(context, program, target.slice('map:'.length)), ...options })
  },
}
const sockmap: Hook = {
  name: 'sockmap',
  form: 'a sockmap or sockhash of the object: sockets',
  options: [],
  attach: (context, program, name) => attachSockmap(context, program, { map: mapOf(context, program, name) }),
}
const tracepoint: Hook = {
  name: 'tracepoint',
  form: 'CATEGORY/NAME: sched/sched_switch',
  options: ['cookie'],
  attach(context, program, target, options) {
    const parsed = parseTracepointTarget(target)
    return parsed && attachTracepoint(context, program, { ...parsed, ...options })
  },
}
const rawTracepoint: Hook = {
  name: 'raw_tracepoint',
  form: 'a name: sys_enter',
  options: ['cookie'],
  attach: (context, program, name, options) => attachRawTracepoint(context, program, { name, ...options }),
}

/** Kprobe programs, by the first word of their section. */
const kprobe: Hook = {
  name: 'kprobe',
  form: 'a function: vfs_read+0x10, tcp_*',
  options: ['cookie', 'returns'],
  own: { duplicates: oneOf('refuse', 'all') },
  attach(context, program, target, options) {
    const place = parseFunctionTarget(target)
    return place && attachKprobe(context, program, { ...place, returns: isReturn(program), ...options })
  },
}
const ksyscall: Hook = {
  name: 'ksyscall',
  form: 'a system call: openat',
  options: ['cookie'],
  attach: (context, program, syscall, options) => attachKsyscall(context, program, { syscall, returns: isReturn(program), ...options }),
}
const uprobe: Hook = {
  name: 'uprobe',
  form: 'BINARY:FUNCTION: /bin/bash:readline, libc:malloc',
  options: ['cookie', 'pid', 'refCounter', 'returns'],
  attach(context, program, target, options) {
    const place = parseBinaryTarget(target)
    return place && attachUprobe(context, program, { ...place, returns: isReturn(program), ...options })
  },
}
const usdt: Hook = {
  name: 'usdt',
  form: 'BINARY:PROVIDER:NAME: libc:libc:setjmp',
  options: ['cookie', 'pid'],
  attach(context, program, target, options) {
    const probe = parseUsdtTarget(target)
    return probe && attachUsdt(context, program, { ...probe, specs: context.usdt, ...options })
  },
}

/** `pass+drop` */
function actions(text: string): readonly XdpAction[] | undefined {
  const names = text.split('+').map(name => `XDP_${name.toUpperCase()}`)
  return names.every(name => isKey(xdpActions, name)) ? names : undefined
}

/** @throws AttachError if the program's object has no such map */
function mapOf({ map }: AttachContext, program: AttachableProgram, name: string): NamedMap {
  const found = map?.(name)
  if (found !== undefined) return found
  throw new AttachError({ program: program.name, target: `map "${name}"`, problem: 'the object has no such map' })
}

/** Whether the program's section says that it runs when the function returns. */
export function isReturn({ section }: AttachableProgram): boolean {
  return /^(?:kretprobe|uretprobe|kretsyscall)(?:\.|$)/.test(sectionWord(section))
}

function kprobeHook(section: string): Hook {
  const word = sectionWord(section)
  if (word.startsWith('usdt')) return usdt
  if (word.startsWith('uprobe') || word.startsWith('uretprobe')) return uprobe
  return word.startsWith('ksyscall') || word.startsWith('kretsyscall') ? ksyscall : kprobe
}

const byType: Readonly<Record<number, Hook>> = {
  [ProgType.SchedCls]: tc,
  [ProgType.SchedAct]: tcAction,
  [ProgType.CgroupSkb]: cgroup,
  [ProgType.CgroupSock]: cgroup,
  [ProgType.CgroupSockAddr]: cgroup,
  [ProgType.CgroupSockopt]: cgroup,
  [ProgType.CgroupSysctl]: cgroup,
  [ProgType.CgroupDevice]: cgroup,
  [ProgType.SockOps]: cgroup,
  [ProgType.SkLookup]: netns,
  [ProgType.FlowDissector]: netns,
  [ProgType.PerfEvent]: perfEvent,
  [ProgType.Netfilter]: netfilter,
  [ProgType.LircMode2]: lirc,
  [ProgType.LwtIn]: lwt,
  [ProgType.LwtOut]: lwt,
  [ProgType.LwtXmit]: lwt,
  [ProgType.LwtSeg6local]: lwt,
  [ProgType.SkSkb]: sockmap,
  [ProgType.SkMsg]: sockmap,
  [ProgType.Tracepoint]: tracepoint,
  [ProgType.RawTracepoint]: rawTracepoint,
  [ProgType.RawTracepointWritable]: rawTracepoint,
}

/** What decides of which hook a program is. */
export type HookedProgram = Pick<AttachableProgram, 'type' | 'expectedAttachType' | 'section'>

function hookOf({ type, expectedAttachType, section }: HookedProgram): Hook | undefined {
  if (type === ProgType.Kprobe) return kprobeHook(section)
  if (type === ProgType.SchedCls && netkitTypes.includes(expectedAttachType)) return netkit
  if (expectedAttachType === AttachType.LsmCgroup) return cgroup
  if (type === ProgType.Tracing && expectedAttachType === AttachType.TraceIter) return iter
  if (type === ProgType.Xdp)
    return expectedAttachType === AttachType.XdpDevmap ? devmap : expectedAttachType === AttachType.XdpCpumap ? cpumap : xdp
  return byType[type]
}

/** Options say which variant of a hook is meant: `xdp=eth0,dispatch`. */
function variantOf(hook: Hook, options: Readonly<Record<string, string>>): readonly [Hook, Readonly<Record<string, string>>] {
  for (const [name, variant] of Object.entries(hook.variants ?? {})) {
    const { [name]: choice, ...others } = options
    if (choice === undefined) continue
    const chosen = yesNo(choice)
    if (chosen === undefined) throw new OptionError(`option ${name} of ${hook.name} cannot be ${JSON.stringify(choice)}`)
    return [chosen ? variant : hook, others]
  }
  return [hook, options]
}

/** `xdp`; undefined where targets cannot be written down. */
export function hookNameOf(program: HookedProgram): string | undefined {
  return hookOf(program)?.name
}

/**
 * Attaches a program to what a text says, with options as text: the declarative form of every hook whose target can be
 * written down. `attachTo(context, program, 'eth0', { mode: 'generic' })`.
 *
 * @throws AttachError, OptionError
 */
export function attachTo(
  context: AttachContext,
  program: AttachableProgram,
  target: string,
  options: Readonly<Record<string, string>> = {},
): Link {
  const usual = hookOf(program)
  const fields = { program: program.name, target }
  if (usual === undefined)
    throw new AttachError({ ...fields, problem: `section "${program.section}" takes no target that can be written down` })
  const [hook, given] = variantOf(usual, options)
  const values = parseOptions(hook.name, given, [...hook.options, ...Object.keys(hook.variants ?? {})], hook.own)
  const link = hook.attach(context, program, target, values)
  if (link === undefined) throw new AttachError({ ...fields, problem: `that is no target of ${hook.name}`, hint: `it is ${hook.form}` })
  return link
}

function isDirection(text: string): text is 'ingress' | 'egress' {
  return text === 'ingress' || text === 'egress'
}

function isKey<T extends object>(table: T, name: string): name is Extract<keyof T, string> {
  return Object.hasOwn(table, name)
}
