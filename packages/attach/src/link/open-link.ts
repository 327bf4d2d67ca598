import { BpfError } from '@bpf/bytes'
import { kindOfFd } from '@bpf/kernel'
import { Errno, getLinkInfo, isSyscallError, type OwnedFd, objGet, openById, orClose, type Sys } from '@bpf/sys'
import type { AttachContext } from '../context'
import { readingsOf } from '../iter'
import { kernelLink } from './kernel-link'
import type { Link } from './link'
import { labelOfLink } from './link-label'

/** A link that exists, whoever made it. */
export type LinkSource =
  /** Where it is pinned. */
  | { readonly path: string }
  | { readonly id: number }
  /** The link owns it, also when opening fails. */
  | { readonly fd: OwnedFd }

/**
 * A handle of an existing link. Closing it leaves the link to whoever else holds it; `detach` detaches, and `unpin` removes the
 * pin by which it was opened. Of iterators it is an `IterLink`.
 *
 * @throws OpenLinkError if there is none, or it is something else; SyscallError
 */
export function openLink(context: AttachContext, source: LinkSource): Link {
  const { sys } = context
  const fd = openSource(context, source)
  return orClose(fd, () => {
    const info = getLinkInfo(sys, fd.fd)
    const label = labelOfLink(context, info)
    const link = kernelLink(sys, fd, label, 'bpf link', 'path' in source ? source.path : undefined)
    return info.kind === 'iter' ? Object.assign(link, readingsOf(sys, fd)) : link
  })
}

function openSource({ sys }: AttachContext, source: LinkSource): OwnedFd {
  if ('fd' in source) return source.fd
  const fd = openExisting(sys, source)
  const kind = kindOfFd(fd.fd)
  if (kind === 'link') return fd
  fd.close()
  throw new OpenLinkError(`${describe(source)} is a ${kind ?? 'BPF object'}, not a link`)
}

function openExisting(sys: Sys, source: Named): OwnedFd {
  try {
    return 'path' in source ? objGet(sys, { path: source.path }) : openById(sys, 'link', source.id)
  } catch (error) {
    if (isSyscallError(error, Errno.ENOENT)) throw new OpenLinkError(`there is no link: ${describe(source)} does not exist`, error)
    throw error
  }
}

type Named = Exclude<LinkSource, { readonly fd: OwnedFd }>

function describe(source: Named): string {
  return 'path' in source ? source.path : `link ${source.id}`
}

/** There is no such link. */
export class OpenLinkError extends BpfError {
  override readonly name = 'OpenLinkError'

  constructor(problem: string, cause?: unknown) {
    super('ERR_BPF_NO_LINK', problem, { cause })
  }
}
