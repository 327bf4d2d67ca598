import { attachCgroup } from '../cgroup/cgroup'
import type { AttachContext } from '../context'
import { AttachError } from '../errors'
import { attachIter } from '../iter'
import { attachKprobe } from '../kprobe/kprobe'
import { attachKsyscall } from '../kprobe/ksyscall'
import type { AttachableProgram, Link } from '../link/link'
import { attachLirc } from '../lirc'
import { attachLwt } from '../lwt/lwt'
import { attachNetfilter } from '../netfilter'
import { attachNetkit } from '../netkit'
import { attachNetns } from '../netns'
import { attachPerfEvent } from '../perf-event/perf-event'
import { attachReuseport, attachSocketFilter } from '../socket/socket'
import { attachSockmap } from '../socket/sockmap'
import { attachTc } from '../tc/tc'
import { attachTcAction } from '../tc/tc-action'
import { attachRawTracepoint } from '../tracepoint/raw-tracepoint'
import { attachTracepoint } from '../tracepoint/tracepoint'
import { attachFreplace } from '../tracing/freplace'
import { attachTracing } from '../tracing/tracing'
import { attachUprobe } from '../uprobe/uprobe'
import { attachUsdt } from '../usdt/usdt'
import { attachCpumap, attachDevmap } from '../xdp/redirect-map'
import { attachXdp } from '../xdp/xdp'
import { attachDispatched } from '../xdp-dispatcher/dispatched'
import { AttachSpecError, isSelected, parseTargetText } from './attach-spec'
import { attachTo } from './attach-to'
import { hookNameOf } from './hook-of'
import { checkOptionNames, type HookTarget, type HookTargets, isOptions, readHookTarget } from './hook-targets'
import { isReturn } from './system-hooks'

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

const targetForms = 'write a text, { "target": … } or { "HOOK": { … } }'

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
  if (isOptions(target)) return attachHook(context, program, target)
  throw new AttachError({ program: program.name, target: String(target), problem: 'that is no target', hint: targetForms })
}

function attachText(context: AttachContext, program: AttachableProgram, text: string): Link {
  const [, select, rest = text] = /^([^=,]+)=(.*)$/s.exec(text) ?? []
  const isOurs = select === undefined || select === hookNameOf(program) || isSelected({ select }, program)
  if (!isOurs) throw new AttachSpecError(text, `program "${program.name}" in section "${program.section}" is not for ${select}`)
  const { target, options } = parseTargetText(rest, text)
  return attachTo(context, program, target, options)
}

function attachHook(context: AttachContext, program: AttachableProgram, target: HookTarget): Link {
  const read = readHookTarget({ ...target })
  if ('problem' in read) throw new AttachError({ program: program.name, target: JSON.stringify(Object.keys(target)), ...read })
  const { hook, options } = read
  const wrong = checkOptionNames(hook, options)
  if (wrong !== undefined) throw new AttachError({ program: program.name, target: hook, ...wrong })
  // A hook and its options belong together by their type.
  const attach = backends[hook] as (context: AttachContext, program: AttachableProgram, options: unknown) => Link
  return attach(context, program, options)
}

function isTextTarget(target: unknown): target is TextTarget {
  return isOptions(target) && typeof target['target'] === 'string'
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
  if (!isOptions(json)) throw new AttachSpecError(text, targetForms)
  if (typeof json['target'] === 'string') return { ...scalarsOf(json, text), target: json['target'] }
  const read = readHookTarget(json)
  if ('problem' in read) throw new AttachSpecError(text, read.hint)
  const { hook, options } = read
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
