import { join } from 'node:path'
import { nearNames } from '@bpf/bytes'
import { Errno, type Fd, rawTracepointOpen } from '@bpf/sys'
import type { AttachContext } from '../context'
import { kernelLink } from '../link/kernel-link'
import type { AttachableProgram, Link } from '../link/link'
import { attachFirst } from '../ways'

export interface RawTracepointTarget {
  /** `sys_enter` */
  readonly name: string
  /** Readable in the program through bpf_get_attach_cookie() (6.10). */
  readonly cookie?: bigint
}

/** Attaches to a raw tracepoint. @throws AttachError with near names when it does not exist. */
export function attachRawTracepoint(context: AttachContext, program: AttachableProgram, target: RawTracepointTarget): Link {
  const { sys } = context
  const label = { kind: 'raw_tracepoint', program: program.name, target: target.name }
  const attach = () => kernelLink(sys, rawTracepointOpen(sys, { ...target, progFd: program.fd as Fd }), label, 'raw_tracepoint_open')
  const ways = [{ interface: 'raw_tracepoint_open', attach }] as const
  return attachFirst({ ...label, target: `raw tracepoint ${target.name}` }, ways, {
    explain: ({ errno }) => {
      if (errno !== Errno.ENOENT) return undefined
      return { problem: 'there is no such tracepoint on this kernel', hint: nearRawTracepoints(context, target.name) }
    },
  })
}

/** Raw tracepoints bear the names of tracefs events, without the category; system calls are the exception. */
function nearRawTracepoints({ kernel }: AttachContext, name: string): string | undefined {
  const events = join(kernel.tracefs() ?? '/', 'events')
  const categories = kernel.files.list(events).filter(category => category !== 'syscalls')
  const names = categories.flatMap(category => kernel.files.list(join(events, category)))
  const near = nearNames(name, new Set([...names, 'sys_enter', 'sys_exit']))
  return near.length > 0 ? `did you mean ${near.join(' or ')}?` : undefined
}
