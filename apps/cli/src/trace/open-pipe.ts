import { constants, openSync } from 'node:fs'
import { join } from 'node:path'
import { BpfError } from '@bpf/bytes'
import type { Kernel } from '@bpf/kernel'

const hint =
  'run the same command as root, e.g. with sudo, or open tracefs to a group: mount -o remount,gid=GROUP,mode=750 /sys/kernel/tracing'

/**
 * The kernel's trace pipe, where bpf_printk() writes. Non-blocking: a read that waits would hold a thread of the pool, and with it the
 * end of the process.
 *
 * @throws BpfError ERR_BPF_PERMISSION
 */
export function openTracePipe(kernel: Pick<Kernel, 'ensureTracefs'>, open: typeof openSync = openSync): number {
  const path = join(kernel.ensureTracefs(), 'trace_pipe')
  try {
    return open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    const isRefused = cause instanceof Error && 'code' in cause && (cause.code === 'EACCES' || cause.code === 'EPERM')
    throw isRefused ? new BpfError('ERR_BPF_PERMISSION', `this user may not read ${path}`, { hint, cause }) : cause
  }
}
