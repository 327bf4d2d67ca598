import { encodeBtf, type TypeInput } from '@bpf/btf'
import {
  BtfLoadError,
  btfLoad,
  Errno,
  isSyscallError,
  type MapCreateOptions,
  mapCreate,
  type OwnedFd,
  ProgLoadError,
  type ProgLoadOptions,
  progLoad,
  type Sys,
} from '@bpf/sys'

/** What probes may ask. */
export interface ProbeContext {
  readonly sys: Sys
  /** KERNEL_VERSION, which old kernels want for kprobes. */
  readonly kernelVersion: number
  /** Undefined when kallsyms cannot be read. */
  hasSymbol(name: string): boolean | undefined
  /** Id of a function in vmlinux BTF. */
  btfFunction(name: string): number | undefined
  /** Whether an enum of the kernel has an entry of that name; undefined without BTF. */
  enumerator(enumName: string, name: string): boolean | undefined
}

/** Yes, no, or undefined: could not tell. */
export type Verdict = boolean | undefined
export type Probe = (context: ProbeContext) => Verdict

/** Failures that say something about this process or this moment, not about the kernel's abilities. */
const inconclusive: ReadonlySet<number> = new Set([
  Errno.EPERM,
  Errno.ENOMEM,
  Errno.EMFILE,
  Errno.ENFILE,
  Errno.EAGAIN,
  Errno.EINTR,
  Errno.ENOSPC,
])

/** The verdict on a call that succeeds exactly where the feature exists. */
export function judge(errno: number): Verdict {
  if (errno === 0) return true
  return inconclusive.has(errno) ? undefined : false
}

/** The verdict on a call that fails in a telling way: with one of `yes` where the feature exists, with another where not. */
export function judgeFailure(errno: number, ...yes: readonly number[]): Verdict {
  if (yes.includes(errno)) return true
  return judge(errno)
}

/** How a load ended; whatever was loaded is gone again. */
export interface Attempt {
  /** 0 on success. */
  readonly errno: number
  readonly log: string
}

/** Loads a program and closes it. License and log are filled in. */
export function tryProgram(sys: Sys, options: Omit<ProgLoadOptions, 'license' | 'log'> & { readonly wantLog?: boolean }): Attempt {
  const { wantLog = false, ...rest } = options
  const log = wantLog ? { buffer: new Uint8Array(4096), level: 1 } : undefined
  try {
    const loaded = progLoad(sys, { license: 'GPL', log, ...rest })
    loaded.fd.close()
    return { errno: 0, log: loaded.log }
  } catch (error) {
    if (error instanceof ProgLoadError) return { errno: error.errno, log: error.log }
    throw error
  }
}

/** Creates a map and closes it; returns 0 or the error number. */
export function tryMap(sys: Sys, options: MapCreateOptions): number {
  return errnoOf(() => mapCreate(sys, options).close())
}

/** Loads BTF and closes it; returns 0 or the error number. */
export function tryBtf(sys: Sys, types: readonly TypeInput[], options: { readonly layout?: boolean } = {}): number {
  return errnoOf(() => btfLoad(sys, { btf: encodeBtf(types, options) }).fd.close())
}

/** Loads BTF for use in a further step; undefined if the kernel knows no such types. @throws BtfLoadError if that could not be told */
export function openBtf(sys: Sys, types: readonly TypeInput[]): OwnedFd | undefined {
  try {
    return btfLoad(sys, { btf: encodeBtf(types) }).fd
  } catch (error) {
    if (error instanceof BtfLoadError && judge(error.errno) === false) return undefined
    throw error
  }
}

/** 0, or the error number of the system call that `action` failed with. */
export function errnoOf(action: () => void): number {
  try {
    action()
    return 0
  } catch (error) {
    if (isSyscallError(error)) return error.errno
    throw error
  }
}
