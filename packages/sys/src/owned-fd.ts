import { BpfError } from '@bpf/bytes'
import { call, tryCall } from './call'
import type { Sys } from './sys'

declare const fdBrand: unique symbol
/** A file descriptor number. */
export type Fd = number & { readonly [fdBrand]: true }

const F_DUPFD_CLOEXEC = 1030
const firstOrdinaryFd = 3

/**
 * A descriptor with one owner. It is never 0, 1 or 2, where a stray `write` to standard output would reach it, and is
 * closed on exec.
 *
 * An owner that is collected without `close()` only earns a warning (`process.emitWarning`, code `BPF_FD_LEAK`): a
 * descriptor closed at a moment of the collector's choosing would be worse than a leak.
 */
export class OwnedFd implements Disposable {
  /** What it stands for, in messages: `map "events"`. */
  readonly what: string
  readonly #sys: Sys
  #fd: Fd | undefined

  constructor(sys: Sys, fd: number, what: string) {
    this.#sys = sys
    this.#fd = aboveStandard(sys, fd) as Fd
    this.what = what
    sys.leaks.register(this, `${what} (descriptor ${this.#fd}) was never closed`, this)
  }

  /** The number. @throws ClosedError once it is closed, because the number may belong to somebody else by then. */
  get fd(): Fd {
    if (this.#fd === undefined) throw new ClosedError(this.what)
    return this.#fd
  }

  get closed(): boolean {
    return this.#fd === undefined
  }

  /** Idempotent. */
  close(): void {
    if (this.#fd !== undefined) closeFd(this.#sys, this.release())
  }

  /** Gives the number away: the caller closes it. */
  release(): Fd {
    const fd = this.fd
    this.#fd = undefined
    this.#sys.leaks.unregister(this)
    return fd
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

function aboveStandard(sys: Sys, fd: number): number {
  if (fd >= firstOrdinaryFd) return fd
  const duplicate = tryCall(sys, 'fcntl', [fd, F_DUPFD_CLOEXEC, firstOrdinaryFd], { fd, duplicateFrom: firstOrdinaryFd })
  closeFd(sys, fd)
  return duplicate.value()
}

/** A descriptor of our own for what the caller's stands for, so that the caller may close first. @throws SyscallError */
export function duplicateFd(sys: Sys, fd: number, what: string): OwnedFd {
  return new OwnedFd(sys, call(sys, 'fcntl', [fd, F_DUPFD_CLOEXEC, firstOrdinaryFd], { fd, duplicateFrom: firstOrdinaryFd }), what)
}

/** close(2). A failure is of no use to anybody: the number is free either way. */
export function closeFd(sys: Sys, fd: number): void {
  tryCall(sys, 'close', [fd], { fd })
}

/** Something that owned kernel resources was used after `close()`. */
export class ClosedError extends BpfError {
  override readonly name = 'ClosedError'

  constructor(what: string) {
    super('ERR_BPF_CLOSED', `${what} is closed`)
  }
}
