import type { Arch } from './arch'

/** A system call argument: an integer (negative ones are sign-extended), or memory, passed by address. */
export type Word = number | bigint | ArrayBufferView | null

/**
 * The raw seam under everything in this package: a handful of functions, implemented by koffi and by the fake of the
 * tests. It decides nothing: no checks, no retries, no errors.
 *
 * Memory passed directly stays valid for the call. An address from `address()` is valid only while its memory is reachable.
 */
export interface Native {
  readonly arch: Arch
  /** Bytes. */
  readonly pageSize: number
  /** syscall(2): -1 on failure, then `errno()` says why. The result is cut to 32 bits, as file descriptors and counts are. */
  syscall(nr: number, a?: Word, b?: Word, c?: Word, d?: Word, e?: Word, f?: Word): number
  /** The same, for system calls that return an address: `mapFailed` on failure. */
  syscallAddress(nr: number, a: Word, b: Word, c: Word, d: Word, e: Word, f: Word): bigint
  /**
   * bpf(2) alone. For the path that is taken once per map operation, `attr` is an address as a number, which is the cheapest to
   * pass; those of a process's memory are far below 2^53.
   */
  bpf(command: number, attr: number | ArrayBufferView, size: number): number
  /** bpf(2) on a thread of the pool. `keep` lists everything the attributes point to; it is held until the call is over. */
  bpfAsync(command: number, attr: Uint8Array, size: number, keep: readonly unknown[]): Promise<AsyncResult>
  /** Valid only right after a failed call on the same thread. */
  errno(): number
  address(memory: ArrayBufferView): bigint
  /** An ArrayBuffer over native memory; it does not own it. */
  view(address: bigint, length: number): ArrayBuffer
  /** Watches one descriptor for readability from the event loop; undefined where the runtime cannot, and in worker threads. */
  readonly watch: ((fd: number, onReady: () => void) => Watch) | undefined
}

export interface AsyncResult {
  readonly result: number
  /** 0 on success. */
  readonly errno: number
  /** The memory that was held during the call. */
  readonly kept: readonly unknown[]
}

/** A watched descriptor. Close it before the descriptor, once. */
export interface Watch {
  ref(): void
  unref(): void
  close(): void
}

/** What mmap returns on failure, `(void *)-1`. */
export const mapFailed = 0xffff_ffff_ffff_ffffn
