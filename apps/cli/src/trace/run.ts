import { closeSync, constants, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { BpfError } from '@bpf/bytes'
import { type Fd, progStreamRead, Stream } from '@bpf/sys'
import { ExitCode, type Io, parseDuration, toJson } from '@bpf/terminal'
import { type KernelContext, withKernel } from '../context'
import { onlySelector, openOne } from '../selector'
import { createStop } from '../start/stop'

export interface TraceInvocation {
  readonly positionals: readonly string[]
  readonly options: { readonly for: string | undefined; readonly json: boolean }
  readonly io: Io
}

type Source = 'trace_pipe' | 'stdout' | 'stderr'
/** Takes what has come since; empty when there is nothing. */
type Read = (buffer: Uint8Array) => number

const interval = 100

export async function runTrace({ positionals, options, io }: TraceInvocation): Promise<number> {
  const duration = options.for === undefined ? undefined : parseDuration(options.for, 'for')
  const selector = onlySelector(positionals, 'prog', io)
  const print = (source: Source, line: string) => {
    if (options.json) io.out(toJson({ source, line }))
    else io.out(source === 'stderr' ? io.style('red', line) : line)
  }
  return withKernel(async context => {
    using stop = createStop(duration)
    stop.start()
    if (selector === undefined) {
      const fd = openSync(join(context.kernel.ensureTracefs(), 'trace_pipe'), constants.O_RDONLY | constants.O_NONBLOCK)
      try {
        await follow(
          [
            lineReader(
              buffer => readPipe(fd, buffer),
              line => print('trace_pipe', line),
            ),
          ],
          stop.controller.signal,
        )
      } finally {
        closeSync(fd)
      }
    } else {
      if (context.kernel.has('programStreams') === false) {
        throw new BpfError('ERR_BPF_UNSUPPORTED', 'this kernel has no program streams', { hint: 'they came with Linux 6.17' })
      }
      using program = openOne(context, 'prog', selector)
      await follow(
        [
          lineReader(streamReader(context, program.fd, Stream.Stdout), line => print('stdout', line)),
          lineReader(streamReader(context, program.fd, Stream.Stderr), line => print('stderr', line)),
        ],
        stop.controller.signal,
      )
    }
    return ExitCode.Ok
  })
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
