import { type ArchName, archs } from '../arch'
import { mapFailed, type Native, type Word } from '../native'

/** One call that reached the seam. */
export interface FakeCall {
  /** The system call's name; `bpf` with its command for bpf(2). */
  readonly name: string
  /** Integers as passed; memory as a copy of its bytes at the time of the call. */
  readonly args: readonly (number | bigint | Uint8Array | null)[]
}

/** What a fake call answers: a result, or an error number. It may write to the memory passed, as the kernel does. */
export type Answer = (call: {
  readonly name: string
  readonly args: readonly Word[]
  readonly fake: FakeNative
}) => number | { readonly errno: number }

/**
 * A kernel that answers by script and remembers every byte it was sent. Memory gets addresses 0x10000, 0x11000, … in the
 * order it is first referred to.
 */
export class FakeNative implements Native {
  readonly arch
  readonly pageSize = 4096
  readonly calls: FakeCall[] = []
  readonly watch: Native['watch']
  readonly #answer: Answer
  readonly #addresses = new Map<ArrayBufferView, bigint>()
  #errno = 0

  constructor(answer: Answer = () => 0, options: { readonly arch?: ArchName; readonly watch?: Native['watch'] } = {}) {
    this.#answer = answer
    this.arch = archs[options.arch ?? 'x64']
    this.watch = options.watch
  }

  syscall(nr: number, ...passed: (Word | undefined)[]): number {
    const args = passed.filter(word => word !== undefined)
    const name = Object.entries(this.arch.syscalls).find(([, number]) => number === nr)?.[0] ?? `system call ${nr}`
    return this.#call(name, args)
  }

  syscallAddress(nr: number, ...args: Word[]): bigint {
    const result = this.syscall(nr, ...args)
    return result === -1 ? mapFailed : 0x7f00_0000_0000n + BigInt(result)
  }

  bpf(command: number, attr: number | ArrayBufferView, size: number): number {
    return this.#call('bpf', [command, typeof attr === 'number' ? this.memoryAt(BigInt(attr)) : attr, size])
  }

  async bpfAsync(command: number, attr: Uint8Array, size: number, keep: readonly unknown[]) {
    const result = this.bpf(command, attr, size)
    return { result, errno: result === -1 ? this.#errno : 0, kept: keep }
  }

  errno(): number {
    return this.#errno
  }

  address(memory: ArrayBufferView): bigint {
    let address = this.#addresses.get(memory)
    if (address === undefined) {
      address = BigInt(0x10000 + 0x1000 * this.#addresses.size)
      this.#addresses.set(memory, address)
    }
    return address
  }

  /** What an address that was given out stands for. */
  memoryAt(address: bigint): ArrayBufferView {
    for (const [memory, known] of this.#addresses) if (known === address) return memory
    throw new Error(`no memory at 0x${address.toString(16)}`)
  }

  view(_address: bigint, length: number): ArrayBuffer {
    return new ArrayBuffer(length)
  }

  #call(name: string, args: readonly Word[]): number {
    this.calls.push({ name, args: args.map(copyOf) })
    const answer = this.#answer({ name, args, fake: this })
    if (typeof answer === 'number') return answer
    this.#errno = answer.errno
    return -1
  }
}

function copyOf(word: Word): number | bigint | Uint8Array | null {
  return ArrayBuffer.isView(word) ? new Uint8Array(word.buffer, word.byteOffset, word.byteLength).slice() : word
}
