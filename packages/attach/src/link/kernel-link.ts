import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { pinHint } from '@bpf/kernel'
import {
  Errno,
  type Fd,
  getLinkInfo,
  infoLayouts,
  isSyscallError,
  linkDetach,
  linkUpdate,
  type OwnedFd,
  objGetInfo,
  objPin,
  type Sys,
} from '@bpf/sys'
import { LinkError } from '../errors'
import type { Link, LinkInterface, LinkLabel } from './link'
import { updateRefused } from './update-refused'

/** A link that the kernel knows as such. Owns `fd`. `pinnedAt`: where it is pinned already. */
export function kernelLink(sys: Sys, fd: OwnedFd, label: LinkLabel, via: LinkInterface = 'bpf link', pinnedAt?: string): Link {
  let { program } = label
  let pinned = pinnedAt
  const id = linkId(sys, fd)
  const refuse = (problem: string, cause: unknown, hint?: string) => new LinkError({ ...label, program }, problem, { cause, hint })

  return {
    kind: label.kind,
    target: label.target,
    interface: via,
    id,
    get program() {
      return program
    },
    get closed() {
      return fd.closed && pinned === undefined
    },
    info: () => getLinkInfo(sys, fd.fd),
    update(next, { expected } = {}) {
      try {
        linkUpdate(sys, { linkFd: fd.fd, newProgFd: next.fd as Fd, oldProgFd: expected?.fd as Fd | undefined })
      } catch (error) {
        if (!isSyscallError(error)) throw error
        throw updateRefused({ ...label, program }, next.name, error)
      }
      program = next.name
    },
    pin(path) {
      if (pinned !== undefined) throw new LinkError(label, `is pinned already, at ${pinned}`)
      try {
        objPin(sys, fd.fd, { path })
      } catch (error) {
        if (!isSyscallError(error)) throw error
        const noDirectory = error.errno === Errno.ENOENT ? `there is no directory ${dirname(path)}: make it first` : undefined
        throw refuse(`cannot be pinned at ${path}: ${error.errnoName}`, error, pinHint(path) ?? noDirectory)
      }
      pinned = path
    },
    unpin,
    detach() {
      if (!fd.closed) forceDetach(sys, fd.fd)
      unpin()
      fd.close()
    },
    close: () => fd.close(),
    [Symbol.dispose]: () => fd.close(),
  }

  function unpin(): void {
    if (pinned !== undefined) rmSync(pinned, { force: true })
    pinned = undefined
  }
}

/** Kinds of link without such an operation, and kernels before 5.9, detach when the last reference goes. */
function forceDetach(sys: Sys, fd: Fd): void {
  try {
    linkDetach(sys, fd)
  } catch (error) {
    if (!isSyscallError(error, Errno.EOPNOTSUPP, Errno.EINVAL)) throw error
  }
}

/** Undefined before 5.8, where links have no ids. */
function linkId(sys: Sys, fd: OwnedFd): number | undefined {
  try {
    return objGetInfo(sys, fd.fd, infoLayouts.linkInfo.head, {}).id
  } catch (error) {
    if (isSyscallError(error)) return undefined
    fd.close()
    throw error
  }
}
