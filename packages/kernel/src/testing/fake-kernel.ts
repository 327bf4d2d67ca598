import type { Native } from '@bpf/sys'

const bpf = 321

/** A kernel that refuses every bpf(2) with one error number, and counts; other system calls succeed and do nothing. */
export class FakeKernel implements Native {
  readonly arch = { name: 'x64', syscalls: { bpf } as Native['arch']['syscalls'], epollEvent: { size: 12, data: 4 } } as const
  readonly pageSize = 4096
  readonly watch = undefined
  calls = 0
  readonly #errno: number

  constructor(errno = 1) {
    this.#errno = errno
  }

  syscall(number: number): number {
    return number === bpf ? this.bpf() : 0
  }

  syscallAddress(): bigint {
    return 0n
  }

  bpf(): number {
    this.calls++
    return -1
  }

  bpfAsync() {
    return Promise.resolve({ result: this.bpf(), errno: this.#errno, kept: [] })
  }

  errno(): number {
    return this.#errno
  }

  address(): bigint {
    return 0x1000n
  }

  view(_address: bigint, length: number): ArrayBuffer {
    return new ArrayBuffer(length)
  }
}
