import { UsageError } from '@bpf/terminal'

/** A kernel that can be had by name: the cloud kernel of a Debian suite. */
export interface KernelRelease {
  readonly name: string
  readonly suite: string
  /** Whether updates for security come from a suite of their own. */
  readonly security: boolean
}

/** Oldest first. */
export const kernelReleases: readonly KernelRelease[] = [
  { name: '5.10', suite: 'bullseye', security: true },
  { name: '6.1', suite: 'bookworm', security: true },
  { name: '6.12', suite: 'trixie', security: true },
  { name: 'newest', suite: 'sid', security: false },
]

/** @throws UsageError that names those there are */
export function kernelRelease(name: string): KernelRelease {
  const found = kernelReleases.find(release => release.name === name)
  if (found !== undefined) return found
  const names = kernelReleases.map(release => release.name).join(', ')
  throw new UsageError(`${name} is neither a known kernel nor a file`, `one of ${names}; or a path: a .deb, a directory, a bzImage`)
}
