import { type Fd, getProgInfo } from '@bpf/sys'
import type { KernelContext } from '../context'

/** Native code of a program or of one of its subprograms. */
export interface NativeFunction {
  /** As the kernel's symbol table has it: `bpf_prog_3b185187f1855c4c_on_exec`. */
  readonly name: string
  readonly address: bigint
  readonly code: Uint8Array
}

/** Undefined when the kernel withholds it, or interprets the program. @throws SyscallError */
export function nativeFunctions({ sys, kernel }: KernelContext, fd: Fd): NativeFunction[] | undefined {
  const { jited } = getProgInfo(sys, fd, { jited: true })
  if (jited === undefined) return undefined
  // Programs come and go: their symbols are read now.
  const symbols = kernel.readKallsyms()
  let offset = 0
  return jited.functions.map(({ address, length }) => {
    const code = jited.code.subarray(offset, offset + length)
    offset += length
    return { name: symbols.symbolAt(address)?.symbol.name ?? 'function', address, code }
  })
}
