import { AttachType, Errno, type Fd, linkCreate, rawTracepointOpen, type SyscallError } from '@bpf/sys'
import type { AttachContext } from '../context'
import { kernelLink } from '../link/kernel-link'
import type { AttachableProgram, Link, LinkInterface, LinkLabel } from '../link/link'
import { attachFirst, type Explanation } from '../ways'

export interface TracingTarget {
  /** Readable in the program through bpf_get_attach_cookie() (5.19). */
  readonly cookie?: bigint
  readonly interfaces?: readonly LinkInterface[]
}

/** Words for the attach types of such programs. */
export const tracingKinds: Readonly<Record<number, string>> = {
  [AttachType.TraceRawTp]: 'tp_btf',
  [AttachType.TraceFentry]: 'fentry',
  [AttachType.TraceFexit]: 'fexit',
  [AttachType.ModifyReturn]: 'fmod_ret',
  [AttachType.TraceFsession]: 'fsession',
  [AttachType.LsmMac]: 'lsm',
}

/**
 * Attaches a `tp_btf`, `fentry`, `fexit`, `fmod_ret`, `fsession` or `lsm` program. What to was fixed when it was loaded.
 *
 * @throws AttachError
 */
export function attachTracing({ sys }: AttachContext, program: AttachableProgram, target: TracingTarget = {}): Link {
  const { cookie, interfaces } = target
  const attachType = program.expectedAttachType
  const kind = tracingKinds[attachType] ?? 'tracing'
  const label: LinkLabel = { kind, program: program.name, target: program.attachTarget ?? 'what it was loaded for' }
  const progFd = program.fd as Fd
  const tail = cookie === undefined ? ({ kind: 'plain' } as const) : ({ kind: 'tracing', cookie } as const)
  const ways = [
    { interface: 'bpf link', attach: () => kernelLink(sys, linkCreate(sys, { progFd, attachType }, tail), label) },
    {
      interface: 'raw_tracepoint_open',
      unable: unableToOpen(attachType, cookie),
      attach: () => kernelLink(sys, rawTracepointOpen(sys, { progFd }), label, 'raw_tracepoint_open'),
    },
  ] as const
  return attachFirst({ ...label, target: `${kind} ${label.target}` }, ways, { interfaces, explain: error => explain(error, kind) })
}

function unableToOpen(attachType: number, cookie: bigint | undefined): string | undefined {
  if (attachType === AttachType.TraceFsession) return 'it is older than session programs'
  return cookie === undefined ? undefined : 'it has no cookies for such programs'
}

function explain({ errno }: SyscallError, kind: string): Explanation | undefined {
  const trampoline = kind !== 'tp_btf'
  const known: Readonly<Record<number, Explanation>> = {
    [Errno.EBUSY]: { problem: 'the function is patched by somebody else, or has too many programs attached (38)' },
    [Errno.E2BIG]: { problem: 'the function has too many programs attached (38)' },
    [Errno.ENOENT]: { problem: 'what it was loaded for is gone', hint: 'was a kernel module unloaded?' },
    [Errno.EPERM]: { hint: trampoline ? 'this kernel does not let its functions be patched; kprobes and tracepoints may work' : undefined },
    [Errno.ENOTSUPP]: { problem: 'this kernel has no BPF trampolines for its processor', hint: 'kprobes work everywhere' },
  }
  return known[errno]
}
