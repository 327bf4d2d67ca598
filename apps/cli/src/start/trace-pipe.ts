import { closeSync, constants, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '@bpf/loader'
import type { Fd } from '@bpf/sys'
import type { Io } from '@bpf/terminal'

/** Copies the kernel's trace pipe, where bpf_printk() writes, line by line to stderr until it is disposed of. */
export function followTracePipe({ sys, kernel }: Context, io: Io): Disposable {
  // Non-blocking: a read that waits would hold a thread of the pool, and with it the end of the process.
  const fd = openSync(join(kernel.ensureTracefs(), 'trace_pipe'), constants.O_RDONLY | constants.O_NONBLOCK)
  const buffer = Buffer.alloc(1 << 16)
  let rest = ''
  const source = sys.reactor.add(fd as Fd, () => {
    const lines = (rest + readAvailable(fd, buffer)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) io.note(io.style('dim', line))
  })
  return {
    [Symbol.dispose]() {
      source.close()
      closeSync(fd)
    },
  }
}

function readAvailable(fd: number, buffer: Buffer): string {
  try {
    return buffer.toString('utf8', 0, readSync(fd, buffer))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return ''
    throw error
  }
}
