import type { AttachableProgram } from '@bpf/attach'
import { type OwnedFd, type ProgLoadOptions, progLoad, type Sys } from '@bpf/sys'

/** r0 = RETURNS; exit */
function returning(value: number): Uint8Array {
  const code = new Uint8Array(16)
  const view = new DataView(code.buffer)
  view.setUint8(0, 0xb7)
  view.setInt32(4, value, true)
  view.setUint8(8, 0x95)
  return code
}

/** The smallest program of a type, for hooks whose programs are listed and never called. */
export function smallProgram(
  sys: Sys,
  { returns = 0, ...options }: Omit<ProgLoadOptions, 'insns' | 'license'> & { readonly returns?: number },
): OwnedFd {
  return progLoad(sys, { insns: returning(returns), license: 'GPL', ...options }).fd
}

/** The same, as what attaches programs takes it. */
export function attachableProgram(sys: Sys, options: Parameters<typeof smallProgram>[1]): AttachableProgram & Disposable {
  const program = smallProgram(sys, options)
  const { name = '', type, expectedAttachType = 0 } = options
  return { name, section: '', type, expectedAttachType, attachTarget: undefined, fd: program.fd, [Symbol.dispose]: () => program.close() }
}
