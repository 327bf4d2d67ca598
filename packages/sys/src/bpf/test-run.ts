import { BpfCommand } from '../constants/command'
import type { FieldsOf } from '../layout'
import type { Fd } from '../owned-fd'
import type { Sys } from '../sys'
import { testRun as layout } from './attr-layouts'
import { type Reply, tryBpf, tryBpfAsync } from './call'

export interface TestRunOptions {
  readonly progFd: Fd
  /** A packet; network programs want at least 14 bytes. */
  readonly dataIn?: Uint8Array | undefined
  /** Bytes of room for the packet afterwards; 0 to do without. Too little is ENOSPC. */
  readonly dataSizeOut?: number
  /** The program's context as the type defines it: `__sk_buff`, `xdp_md`, raw tracepoint arguments, anything for `syscall`. */
  readonly ctxIn?: Uint8Array | undefined
  readonly ctxSizeOut?: number
  /** Runs, for timing. 1 unless given. */
  readonly repeat?: number
  /** `TestRunFlag`. */
  readonly flags?: number
  /** With `TestRunFlag.OnCpu`. */
  readonly cpu?: number
  /** With `TestRunFlag.XdpLiveFrames`. */
  readonly batchSize?: number
}

export interface TestRunResult {
  /** What the program returned. */
  readonly retval: number
  /** Nanoseconds, the average of the runs. */
  readonly duration: number
  readonly dataOut: Uint8Array
  readonly ctxOut: Uint8Array
}

/** BPF_PROG_TEST_RUN (4.12; contexts 5.2). @throws SyscallError */
export function progTestRun(sys: Sys, options: TestRunOptions): TestRunResult {
  const values = valuesOf(options)
  return finish(values, tryBpf(sys, BpfCommand.ProgTestRun, layout, values, reads))
}

/** The same without blocking this thread, for long repeats. @throws SyscallError */
export async function progTestRunAsync(sys: Sys, options: TestRunOptions): Promise<TestRunResult> {
  const values = valuesOf(options)
  return finish(values, await tryBpfAsync(sys, BpfCommand.ProgTestRun, layout, values, reads))
}

const reads = { reads: ['duration'] as const }

function valuesOf(options: TestRunOptions) {
  const { progFd, dataIn, dataSizeOut = 0, ctxIn, ctxSizeOut = 0, repeat, flags, cpu, batchSize } = options
  return {
    progFd,
    dataSizeIn: dataIn?.byteLength,
    dataSizeOut,
    dataIn,
    dataOut: new Uint8Array(dataSizeOut),
    repeat,
    ctxSizeIn: ctxIn?.byteLength,
    ctxSizeOut,
    ctxIn,
    ctxOut: new Uint8Array(ctxSizeOut),
    flags,
    cpu,
    batchSize,
  } satisfies FieldsOf<typeof layout>
}

function finish(values: ReturnType<typeof valuesOf>, answer: Reply<typeof layout>): TestRunResult {
  if (answer.errno !== 0) throw answer.error()
  const { retval, duration, dataSizeOut, ctxSizeOut } = answer.read()
  return { retval, duration, dataOut: values.dataOut.subarray(0, dataSizeOut), ctxOut: values.ctxOut.subarray(0, ctxSizeOut) }
}
