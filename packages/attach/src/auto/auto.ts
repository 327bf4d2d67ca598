import { AttachType, ProgType } from '@bpf/sys'
import type { AttachContext } from '../context'
import { AttachError } from '../errors'
import { attachIter } from '../iter'
import { attachKprobe } from '../kprobe/kprobe'
import { attachKsyscall } from '../kprobe/ksyscall'
import type { AttachableProgram, Link } from '../link/link'
import { attachRawTracepoint } from '../tracepoint/raw-tracepoint'
import { attachTracepoint, parseTracepointTarget } from '../tracepoint/tracepoint'
import { attachFreplace } from '../tracing/freplace'
import { attachTracing } from '../tracing/tracing'
import { attachTracingMulti, isTracingMulti } from '../tracing/tracing-multi'
import { attachUprobe } from '../uprobe/uprobe'
import { attachUsdt } from '../usdt/usdt'
import { hookOf } from './hook-of'
import { parseBinaryTarget, parseFunctionTarget, parseUsdtTarget, sectionWord } from './section-target'

/** What automatic attaching did with a program. */
export type AutoAttachment =
  | { readonly kind: 'attached'; readonly link: Link }
  /** The section names no target, or the hook needs one that only the caller knows. */
  | { readonly kind: 'skipped'; readonly program: string; readonly reason: string }

/** Attaches to what a section's target says; undefined when the text says nothing. */
type Backend = (context: AttachContext, program: AttachableProgram, target: string) => Link | undefined

const kprobe =
  (returns: boolean): Backend =>
  (context, program, target) => {
    const place = parseFunctionTarget(target)
    return place && attachKprobe(context, program, { ...place, returns })
  }

const ksyscall =
  (returns: boolean): Backend =>
  (context, program, syscall) =>
    attachKsyscall(context, program, { syscall, returns })

const uprobe =
  (returns: boolean): Backend =>
  (context, program, target) => {
    const place = parseBinaryTarget(target)
    return place && attachUprobe(context, program, { ...place, returns })
  }

const usdt: Backend = (context, program, target) => {
  const probe = parseUsdtTarget(target)
  return probe && attachUsdt(context, program, { ...probe, specs: context.usdt })
}

const tracepoint: Backend = (context, program, target) => {
  const parsed = parseTracepointTarget(target)
  return parsed && attachTracepoint(context, program, parsed)
}

interface Automatic {
  readonly attach: Backend
  /** How the section should look. */
  readonly form: string
}

/** Kprobe programs are told apart by the first word of their section only; `.s` marks sleepable ones. */
const byWord: Readonly<Record<string, Automatic>> = {
  kprobe: { attach: kprobe(false), form: 'kprobe/FUNCTION[+OFFSET]' },
  kretprobe: { attach: kprobe(true), form: 'kretprobe/FUNCTION' },
  'kprobe.multi': { attach: kprobe(false), form: 'kprobe.multi/PATTERN' },
  'kretprobe.multi': { attach: kprobe(true), form: 'kretprobe.multi/PATTERN' },
  'kprobe.session': { attach: kprobe(false), form: 'kprobe.session/PATTERN' },
  ksyscall: { attach: ksyscall(false), form: 'ksyscall/NAME' },
  kretsyscall: { attach: ksyscall(true), form: 'kretsyscall/NAME' },
  uprobe: { attach: uprobe(false), form: 'uprobe/BINARY:FUNCTION[+OFFSET]' },
  uretprobe: { attach: uprobe(true), form: 'uretprobe/BINARY:FUNCTION' },
  'uprobe.multi': { attach: uprobe(false), form: 'uprobe.multi/BINARY:PATTERN' },
  'uretprobe.multi': { attach: uprobe(true), form: 'uretprobe.multi/BINARY:PATTERN' },
  'uprobe.session': { attach: uprobe(false), form: 'uprobe.session/BINARY:PATTERN' },
  usdt: { attach: usdt, form: 'usdt/BINARY:PROVIDER:NAME' },
}

const tracing: Automatic = { attach: (context, program) => attachTracing(context, program), form: 'KIND/FUNCTION' }
const tracingMulti: Automatic = { attach: (context, program) => attachTracingMulti(context, program), form: 'KIND.multi/PATTERN' }
const rawTracepoint: Automatic = {
  attach: (context, program, name) => attachRawTracepoint(context, program, { name }),
  form: 'raw_tracepoint/NAME',
}
const iter: Automatic = { attach: (context, program) => attachIter(context, program), form: 'iter/OBJECTS' }

function automaticOf(program: AttachableProgram): Automatic | undefined {
  const { section, type, expectedAttachType } = program
  switch (type) {
    case ProgType.Kprobe:
      return byWord[sectionWord(section).replace(/\.s$/, '')]
    case ProgType.Tracepoint:
      return { attach: tracepoint, form: 'tracepoint/CATEGORY/NAME' }
    case ProgType.RawTracepoint:
    case ProgType.RawTracepointWritable:
      return rawTracepoint
    case ProgType.Tracing:
      if (isTracingMulti(program)) return tracingMulti
      return expectedAttachType === AttachType.TraceIter ? iter : tracing
    case ProgType.Lsm:
      return expectedAttachType === AttachType.LsmCgroup ? undefined : tracing
    case ProgType.Ext:
      return { attach: (context, program) => attachFreplace(context, program), form: 'freplace/FUNCTION' }
    default:
      return undefined
  }
}

/** Iterators that run over a map, which only the caller knows. */
const mapIterators: ReadonlySet<string> = new Set(['bpf_map_elem', 'bpf_sk_storage_map'])

/** `, an interface: eth0`; nothing where targets cannot be written down. */
function formOf(program: AttachableProgram): string {
  const form = hookOf(program)?.form
  return form === undefined ? '' : `, ${form}`
}

/** Attaches a program to what its section names, if that is all there is to know. @throws AttachError */
export function autoAttach(context: AttachContext, program: AttachableProgram): AutoAttachment {
  const { section, attachTarget: target } = program
  const skip = (reason: string): AutoAttachment => ({ kind: 'skipped', program: program.name, reason })
  const automatic = automaticOf(program)
  if (automatic === undefined) return skip(`section "${section}" needs a target that the section does not name${formOf(program)}`)
  if (!target) return skip(`section "${section}" names no target`)
  if (program.type === ProgType.Kprobe && /^\d+$/.test(target)) return skip(`section "${section}" is a place in a program array`)
  if (automatic === iter && mapIterators.has(target)) return skip(`section "${section}" needs a map to run over`)
  const link = automatic.attach(context, program, target)
  if (link !== undefined) return { kind: 'attached', link }
  throw new AttachError({ program: program.name, target, problem: `section "${section}" should be ${automatic.form}` })
}
