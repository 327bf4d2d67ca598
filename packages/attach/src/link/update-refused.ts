import { Errno, NetlinkError, type SyscallError } from '@bpf/sys'
import { LinkError } from '../errors'
import type { LinkLabel } from './link'

const beside = 'attach the new program beside it, then close this link'
const again = 'close it, and attach the program again'
const gone = { problem: 'what it was attached to is gone', hint: again }

/** What the kernel's answers to taking another program mean. */
const problems: Readonly<Record<number, { readonly problem: string; readonly hint?: string }>> = {
  [Errno.EPERM]: { problem: 'another program is attached than expected' },
  [Errno.EINVAL]: { problem: 'this kind of link takes no other program, or the programs are of different types', hint: beside },
  [Errno.EOPNOTSUPP]: { problem: 'this kind of link takes no other program', hint: beside },
  [Errno.ENOLINK]: gone,
  // Of interfaces older than links.
  [Errno.ENODEV]: gone,
  [Errno.ENOENT]: { problem: 'it is attached no longer, or what it was attached to is gone', hint: again },
}

/** The error where a link was refused `next`, another program. */
export function updateRefused(label: Pick<LinkLabel, 'program' | 'target'>, next: string, cause: SyscallError): LinkError {
  const text = cause instanceof NetlinkError ? cause.text : undefined
  const { problem = cause.errnoName, hint = cause.hint } = problems[cause.errno] ?? {}
  return new LinkError(label, `cannot take program "${next}": ${text ?? problem}`, { cause, hint })
}
