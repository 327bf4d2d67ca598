import { closeSync, readSync } from 'node:fs'
import type { Context } from '@bpf/loader'
import type { Fd } from '@bpf/sys'
import type { Io } from '@bpf/terminal'
import { openTracePipe } from '../trace/open-pipe'

/** Copies the kernel's trace pipe, where bpf_printk() writes, line by line to stderr until it is disposed of. */
export function followTracePipe({ sys, kernel }: Context, io: Io): Disposable {
  const fd = openTracePipe(kernel)
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
