import { BpfCommand, Errno, koffiNative, MapMemory, mapFailed, type Native, type Word } from '@bpf/sys'

/** The real seam, of which one call can be made to fail. */
export interface FailingNative {
  readonly native: Native
  /** The `n`-th call from now on fails with EIO, without reaching the kernel; what only gives something back always works. */
  failAt(n: number): void
  /** Nothing fails any more. Returns whether the call that was to fail was reached. */
  stop(): boolean
}

/** bpf(2) commands that give back what others got. */
const givingBack: ReadonlySet<number> = new Set([BpfCommand.MapDeleteElem, BpfCommand.ProgDetach, BpfCommand.LinkDetach])

/** Anonymous memory in the place of a mapping that was closed. */
function isBurial(flags: Word): boolean {
  return (Number(flags) & MapMemory.Anonymous) !== 0
}

export function failingNative(): FailingNative {
  const real = koffiNative()
  const { syscalls } = real.arch
  const harmless: ReadonlySet<number> = new Set([syscalls.close, syscalls.munmap])
  let countdown = 0
  let reached = false
  let failedLast = false

  const fails = (): boolean => {
    failedLast = countdown > 0 && --countdown === 0
    reached ||= failedLast
    return failedLast
  }
  const native: Native = {
    ...real,
    syscall: (nr, ...args) => (!harmless.has(nr) && fails() ? -1 : real.syscall(nr, ...args)),
    syscallAddress: (nr, ...args) => (!isBurial(args[3]) && fails() ? mapFailed : real.syscallAddress(nr, ...args)),
    bpf: (command, attr, size) => (!givingBack.has(command) && fails() ? -1 : real.bpf(command, attr, size)),
    bpfAsync: async (command, attr, size, keep) =>
      fails() ? { result: -1, errno: Errno.EIO, kept: keep } : real.bpfAsync(command, attr, size, keep),
    errno: () => (failedLast ? Errno.EIO : real.errno()),
  }
  return {
    native,
    failAt(n) {
      countdown = n
      reached = false
    },
    stop() {
      countdown = 0
      return reached
    },
  }
}
