import {
  duplicateFd,
  Errno,
  type Fd,
  isSyscallError,
  ProgType,
  progTestRun,
  progTestRunAsync,
  type Sys,
  snakeName,
  TestRunFlag,
  type TestRunOptions,
  type TestRunResult,
} from '@bpf/sys'
import { LoadError } from './errors'
import { refusal } from './refusal'

export interface RunOptions {
  /** The packet, for programs that take one; 64 zero bytes unless given. It is not changed. */
  readonly data?: Uint8Array | undefined
  /** What the program gets as its argument: `__sk_buff`, `xdp_md`, raw tracepoint arguments, anything for `syscall`. It is not changed. */
  readonly context?: Uint8Array | undefined
  /** Runs, for timing; 1 unless given. */
  readonly repeat?: number | undefined
  /** Run on this CPU: raw tracepoints. */
  readonly cpu?: number | undefined
  /** `TestRunFlag`s added up, beside those that the other options stand for. */
  readonly flags?: number | undefined
  /** XDP (Linux 5.18): the packets are really passed on, redirected or dropped, `repeat` of them, so many at a time. */
  readonly liveFrames?: { readonly batchSize?: number } | undefined
  /** Bytes of room for the packet afterwards; 4096, or its size and 1024 more, unless given. */
  readonly dataRoom?: number | undefined
}

export interface RunResult {
  /** What the program returned, 32 bits unsigned: `XDP_PASS` is 2. 0 with `liveFrames`. */
  readonly returnValue: number
  /** The packet afterwards; empty for programs that take none, and with `liveFrames`. */
  readonly data: Uint8Array
  /** The context afterwards; empty unless one was given. */
  readonly context: Uint8Array
  /** Nanoseconds, the average of the runs; 0 where the kernel does not measure. */
  readonly duration: number
}

/** Program types whose test runs are about a packet. */
const packetTypes: ReadonlySet<number> = new Set([
  ProgType.SocketFilter,
  ProgType.SchedCls,
  ProgType.SchedAct,
  ProgType.Xdp,
  ProgType.CgroupSkb,
  ProgType.LwtIn,
  ProgType.LwtOut,
  ProgType.LwtXmit,
  ProgType.LwtSeg6local,
  ProgType.FlowDissector,
  ProgType.Netfilter,
])

/** The kernel writes what the program made of the context to where the context was. */
const inPlaceTypes: ReadonlySet<number> = new Set([ProgType.Syscall])
/** The kernel gives a context back whole, however short the one was that it got. Bytes, more than any takes. */
const largestContext = 512
/** Takes a context, gives none back. */
const inputOnlyTypes: ReadonlySet<number> = new Set([ProgType.RawTracepoint, ProgType.RawTracepointWritable, ProgType.SkLookup])

/** A loaded program, whoever loaded it. */
export interface Runnable {
  readonly name: string
  readonly type: number
  readonly fd: Fd
}

/** BPF_PROG_TEST_RUN. @throws LoadError, also for program types that cannot be run that way */
export function runProgram(sys: Sys, program: Runnable, options: RunOptions): RunResult {
  const request = requestOf(program, options)
  try {
    return resultOf(program, request, progTestRun(sys, request))
  } catch (error) {
    throw explain(sys, program, options, error)
  }
}

/** The same without blocking this thread. */
export async function runProgramAsync(sys: Sys, program: Runnable, options: RunOptions): Promise<RunResult> {
  // It may wait for a thread while the caller closes the program, and its number is given to another.
  using own = duplicateFd(sys, program.fd, `program "${program.name}"`)
  const request = requestOf({ type: program.type, fd: own.fd }, options)
  try {
    return resultOf(program, request, await progTestRunAsync(sys, request))
  } catch (error) {
    throw explain(sys, program, options, error)
  }
}

function requestOf({ type, fd }: Omit<Runnable, 'name'>, options: RunOptions): TestRunOptions {
  const { repeat, cpu, flags = 0, liveFrames } = options
  const dataIn = options.data ?? (packetTypes.has(type) ? new Uint8Array(64) : undefined)
  const room = options.dataRoom ?? Math.max(4096, (dataIn?.byteLength ?? 0) + 1024)
  const ctxIn = options.context?.slice()
  const givesContext = ctxIn !== undefined && !inPlaceTypes.has(type) && !inputOnlyTypes.has(type) && liveFrames === undefined
  return {
    progFd: fd,
    dataIn,
    dataSizeOut: dataIn === undefined || liveFrames !== undefined ? 0 : room,
    ctxIn,
    ctxSizeOut: givesContext ? Math.max(ctxIn.byteLength, largestContext) : 0,
    flags: flags | (cpu === undefined ? 0 : TestRunFlag.OnCpu) | (liveFrames === undefined ? 0 : TestRunFlag.XdpLiveFrames),
    ...(repeat === undefined ? {} : { repeat }),
    ...(cpu === undefined ? {} : { cpu }),
    ...(liveFrames?.batchSize === undefined ? {} : { batchSize: liveFrames.batchSize }),
  }
}

function resultOf({ type }: Runnable, request: TestRunOptions, result: TestRunResult): RunResult {
  const context = inPlaceTypes.has(type) ? (request.ctxIn ?? new Uint8Array()) : result.ctxOut
  return { returnValue: result.retval >>> 0, data: result.dataOut, context, duration: result.duration }
}

function explain(sys: Sys, { name, type }: Runnable, options: RunOptions, error: unknown): unknown {
  if (!isSyscallError(error)) return error
  const feature = `test run of ${snakeName(ProgType, type)} programs`
  // The number that never should have left the kernel means just one thing here.
  const missingFeature = () => (error.errno === Errno.ENOTSUPP ? feature : undefined)
  const hint = hints.find(each => each.errno === error.errno && each.applies(type, options))?.text
  return error instanceof LoadError ? error : refusal(sys, { stage: 'run', subject: name, action: 'be run', error, missingFeature, hint })
}

const isRawTracepoint = (type: number) => type === ProgType.RawTracepoint || type === ProgType.RawTracepointWritable
const shortestPacket = 14

/** What kernels object to; the first that applies counts. */
const hints: readonly {
  readonly errno: number
  readonly applies: (type: number, options: RunOptions) => boolean
  readonly text: string
}[] = [
  { errno: Errno.ENOSPC, applies: () => true, text: 'the packet grew beyond dataRoom' },
  { errno: Errno.ENXIO, applies: (_, { cpu }) => cpu !== undefined, text: 'there is no such CPU, or it is offline' },
  {
    errno: Errno.EINVAL,
    applies: (type, { cpu }) => cpu !== undefined && !isRawTracepoint(type),
    text: 'only raw tracepoint programs run on a CPU of choice',
  },
  {
    errno: Errno.EINVAL,
    applies: (type, { liveFrames }) => liveFrames !== undefined && type !== ProgType.Xdp,
    text: 'only XDP programs take live frames',
  },
  {
    errno: Errno.EINVAL,
    applies: (type, { data }) => data !== undefined && !packetTypes.has(type),
    text: 'programs of this type take no packet: what they are called with is the context',
  },
  {
    errno: Errno.EINVAL,
    applies: (_, { data }) => data !== undefined && data.byteLength < shortestPacket,
    text: `a packet has at least an Ethernet header: ${shortestPacket} bytes`,
  },
  {
    errno: Errno.EINVAL,
    applies: (_, { context }) => context !== undefined,
    text: 'the context is too short, or sets fields that a test run may not set',
  },
  { errno: Errno.E2BIG, applies: (_, { context }) => context !== undefined, text: 'the context is longer than this kernel knows' },
]
