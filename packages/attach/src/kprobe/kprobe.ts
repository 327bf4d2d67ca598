import {
  AttachType,
  Errno,
  type Fd,
  linkCreate,
  MultiFlag,
  type OwnedFd,
  PerfType,
  ProgType,
  perfEventOpen,
  type SyscallError,
} from '@bpf/sys'
import type { AttachContext } from '../context'
import { AttachError } from '../errors'
import { showPattern } from '../glob'
import { kernelLink } from '../link/kernel-link'
import type { AttachableProgram, Link, LinkInterface, LinkLabel } from '../link/link'
import { linkGroup } from '../link/link-group'
import { perfIoctlLink, perfWays } from '../link/perf-link'
import { probePmu } from '../pmu'
import { refuseReturnInside } from '../return-inside'
import { addTracefsEvent } from '../tracefs-event'
import { attachFirst, type Explanation, type Way } from '../ways'
import { wrongType } from '../wrong-type'
import { type FunctionSelection, findKernelFunctions } from './kernel-functions'
import type { KernelFunction } from './traceable'

export interface KprobeTarget extends Omit<FunctionSelection, 'symbol'> {
  readonly symbol?: FunctionSelection['symbol']
  /** In the kernel's memory, instead of a function. */
  readonly address?: bigint
  /** Bytes from the start of the function, at an instruction's start. */
  readonly offset?: number
  /** When the function returns; a session program is called on both occasions anyway. */
  readonly returns?: boolean
  /** Readable in the program through bpf_get_attach_cookie() (5.15); one for all functions, or one for each. */
  readonly cookie?: bigint | ((probed: KernelFunction) => bigint)
  readonly interfaces?: readonly LinkInterface[]
}

/** Attaches to functions of the kernel and its modules. @throws AttachError with near names */
export function attachKprobe(context: AttachContext, program: AttachableProgram, target: KprobeTarget): Link {
  const { symbol, address, interfaces } = target
  const label = labelOf(program, target)
  const functions = symbol === undefined ? [placeAt(label, address)] : findKernelFunctions(context.kernel, label, { ...target, symbol })
  const explainHere = (error: SyscallError) => wrongType(error, program, ProgType.Kprobe) ?? explain(error)
  if (isMulti(program)) {
    const unable = target.offset ? 'such programs go to where functions begin' : undefined
    const way: Way = { interface: 'multi link', unable, attach: () => multiLink(context, label, program, functions, target) }
    return attachFirst(label, [way], { interfaces, explain: explainHere })
  }
  refuseReturnInside(label, target.returns === true, target)
  if (functions.length > separateLimit) {
    const hint = 'a program in section kprobe.multi takes them all at once'
    throw new AttachError({ ...label, problem: `${functions.length} functions are too many for one probe each`, hint })
  }
  return linkGroup(label, functions, probed =>
    attachFirst(label, waysOf(context, label, program, probed, target), { interfaces, explain: explainHere }),
  )
}

/** A probe takes milliseconds to make. */
const separateLimit = 1024

/** Such programs are loaded for many functions, others for one each; the kernel keeps them apart. */
function isMulti({ expectedAttachType }: AttachableProgram): boolean {
  return expectedAttachType === AttachType.TraceKprobeMulti || expectedAttachType === AttachType.TraceKprobeSession
}

function placeAt({ program, target }: LinkLabel, address: bigint | undefined): KernelFunction {
  if (address !== undefined) return { name: '', module: undefined, address }
  throw new AttachError({ program, target, problem: 'neither a function nor an address is given' })
}

/** By addresses where they are known: names of several functions would be ambiguous to the kernel. */
function multiLink(
  { sys }: AttachContext,
  label: LinkLabel,
  program: AttachableProgram,
  functions: readonly KernelFunction[],
  target: KprobeTarget,
): Link {
  const attachType = program.expectedAttachType
  const byName = functions.some(({ address }) => address === undefined)
  const { cookie } = target
  const fd = linkCreate(
    sys,
    { progFd: program.fd as Fd, attachType },
    {
      kind: 'kprobeMulti',
      ...(byName
        ? { symbols: functions.map(({ name }) => name) }
        : { addresses: BigUint64Array.from(functions, ({ address }) => address ?? 0n) }),
      ...(cookie === undefined ? {} : { cookies: BigUint64Array.from(functions, probed => cookieOf(cookie, probed)) }),
      flags: target.returns && attachType === AttachType.TraceKprobeMulti ? MultiFlag.Return : 0,
    },
  )
  return kernelLink(sys, fd, label, 'multi link')
}

function cookieOf(cookie: NonNullable<KprobeTarget['cookie']>, probed: KernelFunction): bigint {
  return typeof cookie === 'function' ? cookie(probed) : cookie
}

function waysOf(
  context: AttachContext,
  label: LinkLabel,
  program: AttachableProgram,
  probed: KernelFunction,
  target: KprobeTarget,
): readonly Way[] {
  const { sys } = context
  const cookie = target.cookie === undefined ? undefined : cookieOf(target.cookie, probed)
  const place = placeOf(probed, target)
  const openEvent = () => openPmuEvent(context, place, target.returns ?? false)
  return [
    ...perfWays(sys, { label, program, cookie, openEvent }),
    {
      interface: 'tracefs event',
      unable: cookie === undefined ? undefined : 'it has no cookies',
      attach: () => tracefsLink(context, label, program, place, target.returns ?? false),
    },
  ]
}

/** A name with an offset, or an address where the name would not tell which function is meant. */
export type KprobePlace = { readonly symbol: string; readonly offset: number } | { readonly address: bigint }

function placeOf({ name, module, address, shared = false }: KernelFunction, { offset = 0 }: KprobeTarget): KprobePlace {
  if (address !== undefined && (name === '' || shared)) return { address: address + BigInt(offset) }
  return { symbol: module === undefined ? name : `${module}:${name}`, offset }
}

function openPmuEvent({ sys, kernel }: AttachContext, place: KprobePlace, returns: boolean): OwnedFd {
  const { type, returnBit } = probePmu(kernel, 'kprobe')
  const config = returns ? returnBit : 0n
  const where = 'symbol' in place ? { config1: place.symbol, config2: place.offset } : { config2: place.address }
  return perfEventOpen(sys, { type, config, ...where, pid: -1, cpu: 0 })
}

function tracefsLink(context: AttachContext, label: LinkLabel, program: AttachableProgram, place: KprobePlace, returns: boolean): Link {
  const { sys } = context
  const event = addTracefsEvent(context, 'kprobe_events', name => kprobeLine(name, place, returns))
  try {
    const openEvent = () =>
      perfEventOpen(sys, { type: PerfType.Tracepoint, config: event.id, samplePeriod: 1, wakeupEvents: 1, pid: -1, cpu: 0 })
    return perfIoctlLink(sys, { label, program, openEvent }, 'tracefs event', event.remove)
  } catch (error) {
    event.remove()
    throw error
  }
}

/** A line of `kprobe_events`: `p:GROUP/NAME SYMBOL+OFFSET`. */
export function kprobeLine(name: string, place: KprobePlace, returns: boolean): string {
  const where =
    'symbol' in place ? `${place.symbol}${place.offset === 0 ? '' : `+0x${place.offset.toString(16)}`}` : `0x${place.address.toString(16)}`
  return `${returns ? 'r' : 'p'}:${name} ${where}`
}

function labelOf(program: AttachableProgram, { symbol, address, offset, module, returns }: KprobeTarget): LinkLabel {
  const kind = program.expectedAttachType === AttachType.TraceKprobeSession ? 'kprobe session' : returns ? 'kretprobe' : 'kprobe'
  const start = symbol === undefined ? `0x${(address ?? 0n).toString(16)}` : showPattern(symbol)
  const place = `${module === undefined ? '' : `${module}:`}${start}${offset ? `+0x${offset.toString(16)}` : ''}`
  return { kind, program: program.name, target: `${kind} ${place}` }
}

function explain({ errno }: SyscallError): Explanation | undefined {
  const known: Readonly<Record<number, Explanation>> = {
    [Errno.ENOENT]: { problem: 'the kernel knows no such function', hint: 'it may be inlined, or in a module that is not loaded' },
    [Errno.EADDRNOTAVAIL]: { problem: 'several functions have that name', hint: 'give an address, or ask for all of them (duplicates)' },
    [Errno.EILSEQ]: { problem: 'no instruction begins there', hint: 'offsets point to the start of an instruction' },
    [Errno.EINVAL]: {
      hint: 'the kernel does not let some functions be probed (kprobes/blacklist in debugfs), and return probes take no offset',
    },
    [Errno.ESRCH]: {
      problem: 'the kernel knows no such function',
      hint: 'ftrace must be able to trace functions that kprobe.multi is for',
    },
    [Errno.EOPNOTSUPP]: { hint: 'this kernel may have been built without CONFIG_FPROBE' },
  }
  return known[errno]
}
