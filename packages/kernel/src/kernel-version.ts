/** Where a kernel says what version it is. */
export interface VersionSources {
  /** `utsname.release`: `5.4.0-12-generic`. */
  readonly release: string
  /** `utsname.version`: `#1 SMP Debian 4.19.260-1 (2022-09-29)`. */
  readonly version: string
  /** Ubuntu's /proc/version_signature: `Ubuntu 5.4.0-12.15-generic 5.4.8`. */
  readonly signature: string | undefined
}

/**
 * KERNEL_VERSION(a, b, c) as kernels before 5.0 compare it with `kern_version` of kprobes. Ubuntu and Debian number their
 * releases differently from the sources they are built of, and say the latter elsewhere. 0 if nothing can be read.
 */
export function kernelVersionOf({ release, version, signature }: VersionSources): number {
  return (
    packed(/^\S+ \S+ (\d+)\.(\d+)\.(\d+)/.exec(signature ?? '')) ??
    packed(/Debian (\d+)\.(\d+)\.(\d+)/.exec(version)) ??
    packed(/^(\d+)\.(\d+)(?:\.(\d+))?/.exec(release)) ??
    0
  )
}

function packed(match: RegExpExecArray | null): number | undefined {
  if (match === null) return undefined
  const [, a, b, c] = match
  // Long-lived stable releases go past 255; the kernel stops there itself.
  return Number(a) * 65536 + Math.min(Number(b), 255) * 256 + Math.min(Number(c ?? 0), 255)
}

/** `5.4.8` of KERNEL_VERSION(5, 4, 8). */
export function formatKernelVersion(version: number): string {
  return `${version >>> 16}.${(version >>> 8) & 255}.${version & 255}`
}
