import { readlinkSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { nearNames } from '@bpf/bytes'
import { type Kernel, parseMounts } from '@bpf/kernel'
import { Errno, type Fd, isSyscallError, type OwnedFd } from '@bpf/sys'
import type { AttachContext } from '../context'
import { AttachError } from '../errors'
import type { LinkLabel } from '../link/link'
import { openTarget } from '../owned'

/** Where cgroup2 is mounted; undefined when it is not. */
export function cgroupRoot({ files }: Kernel): string | undefined {
  return parseMounts(files.text('/proc/self/mountinfo') ?? '').find(({ type }) => type === 'cgroup2')?.path
}

/** By which path it is found again. @throws Error if a descriptor is not open */
export function pathOfCgroup({ kernel }: AttachContext, cgroup: string | Fd): string {
  return typeof cgroup === 'string' ? resolve(cgroupRoot(kernel) ?? '/', cgroup) : readlinkSync(`/proc/self/fd/${cgroup}`)
}

/** Opens a cgroup. @throws AttachError with near names when there is none */
export function openCgroup(context: AttachContext, cgroup: string | Fd, { program, target }: LinkLabel): OwnedFd {
  const { sys, kernel } = context
  const path = typeof cgroup === 'string' ? pathOfCgroup(context, cgroup) : cgroup
  try {
    return openTarget(sys, path)
  } catch (error) {
    if (!isSyscallError(error)) throw error
    const problem = error.errno === Errno.ENOENT ? 'there is no such cgroup' : error.errnoName
    throw new AttachError({
      program,
      target,
      problem,
      hint: typeof path === 'string' && error.errno === Errno.ENOENT ? nearCgroups(kernel, path) : undefined,
      cause: error,
    })
  }
}

function nearCgroups(kernel: Kernel, path: string): string | undefined {
  const parent = dirname(path)
  const root = cgroupRoot(kernel) ?? '/sys/fs/cgroup'
  if (path !== root && !path.startsWith(`${root}/`)) return `cgroups are directories below ${root}`
  const near = nearNames(basename(path), kernel.files.list(parent))
  return near.length === 0 ? undefined : `did you mean ${near.map(name => join(parent, name)).join(' or ')}?`
}
