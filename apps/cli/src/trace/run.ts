import { closeSync, readSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { BpfError } from '@bpf/bytes'
import type { Selector } from '@bpf/kernel'
import { type Fd, progStreamRead, Stream } from '@bpf/sys'
import { ExitCode, type Io, parseDuration, toJson, UsageError } from '@bpf/terminal'
import { type KernelContext, withKernel } from '../context'
import { onlySelector, openOne } from '../selector'
import { createStop } from '../start/stop'
import { openTracePipe } from './open-pipe'

export interface TraceInvocation {
  readonly positionals: readonly string[]
  readonly options: { readonly program: string | undefined; readonly for: string | undefined; readonly json: boolean }
  readonly io: Io
}

type Source = 'trace_pipe' | 'stdout' | 'stderr'
/** Takes what has come since; empty when there is nothing. */
type Read = (buffer: Uint8Array) => number

const interval = 100

/** `bpf trace [stdout|stderr] [PROG]` */
export async function runTrace({ positionals, options, io }: TraceInvocation): Promise<number> {
  const duration = options.for === undefined ? undefined : parseDuration(options.for, 'for')
  const { selector, streams } = parseOperands(positionals, options.program, io)
  const print = (source: Source, line: string) => {
    if (options.json) io.out(toJson({ source, line }))
    else io.out(source === 'stderr' ? io.style('red', line) : line)
  }
  return withKernel(async context => {
    using stop = createStop(duration)
    stop.start()
    const { signal } = stop.controller
    if (selector === undefined) await followPipe(context, line => print('trace_pipe', line), signal)
    else await followStreams(context, selector, streams, print, signal)
    return ExitCode.Ok
  })
}

type StreamName = keyof typeof streamNumbers
const streamNumbers = { stdout: Stream.Stdout, stderr: Stream.Stderr } as const
const bothStreams = ['stdout', 'stderr'] as const

/** bpftool has the stream in front of the program. @throws UsageError */
function parseOperands(operands: readonly string[], option: string | undefined, io: Io) {
  const [first, ...others] = operands
  const stream = bothStreams.find(name => name === first)
  const words = stream === undefined ? operands : others
  if (option !== undefined && words.length > 0) throw new UsageError(`which program: ${words.join(' ')}, or --program ${option}?`)
  const selector = onlySelector(option === undefined ? words : [option], 'prog', io)
  if (stream !== undefined && selector === undefined) throw new UsageError(`${stream} of which program?`, `bpf trace ${stream} id 12`)
  return { selector, streams: stream === undefined ? bothStreams : [stream] }
}

async function followPipe({ kernel }: KernelContext, print: (line: string) => void, signal: AbortSignal): Promise<void> {
  const fd = openTracePipe(kernel)
  try {
    await follow([lineReader(buffer => readPipe(fd, buffer), print)], signal)
  } finally {
    closeSync(fd)
  }
}

async function followStreams(
  context: KernelContext,
  selector: Selector,
  streams: readonly StreamName[],
  print: (source: StreamName, line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  if (context.kernel.has('programStreams') === false) {
    throw new BpfError('ERR_BPF_UNSUPPORTED', 'this kernel has no program streams', { hint: 'they came with Linux 6.17' })
  }
  using program = openOne(context, 'prog', selector)
  const readers = streams.map(name => lineReader(streamReader(context, program.fd, streamNumbers[name]), line => print(name, line)))
  await follow(readers, signal)
}

/** Until the signal; what came last is read too. */
async function follow(readers: readonly (() => void)[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const read of readers) read()
    await setTimeout(interval, undefined, { signal }).catch(() => {})
  }
  for (const read of readers) read()
}

/** Cuts what comes into lines. */
function lineReader(read: Read, print: (line: string) => void): () => void {
  const buffer = new Uint8Array(1 << 16)
  const decoder = new TextDecoder()
  let rest = ''
  return () => {
    for (let length = read(buffer); length > 0; length = read(buffer)) {
      const lines = (rest + decoder.decode(buffer.subarray(0, length), { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) print(line)
    }
  }
}

function streamReader({ sys }: KernelContext, progFd: Fd, stream: number): Read {
  return buffer => progStreamRead(sys, { progFd, stream, buffer })
}

function readPipe(fd: number, buffer: Uint8Array): number {
  try {
    return readSync(fd, buffer)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0
    throw error
  }
}
