import { type Fd, ProgType, progLoad, type Sys } from '@bpf/sys'
import type { AttachableProgram } from '../link/link'
import { assemble } from './assemble'

const op = { ldImm64: 0x18, movImm: 0xb7, call: 0x85, exit: 0x95 } as const
const pseudoMapFd = 1
const redirectMap = 51

/** An XDP program that sends every packet to entry 0 of a map. */
export function redirectingProgram(sys: Sys, map: { readonly fd: Fd }): AttachableProgram & Disposable {
  const insns = assemble([
    [op.ldImm64, 1, pseudoMapFd, 0, map.fd],
    [0, 0, 0, 0, 0],
    [op.movImm, 2, 0, 0, 0],
    [op.movImm, 3, 0, 0, 0],
    [op.call, 0, 0, 0, redirectMap],
    [op.exit, 0, 0, 0, 0],
  ])
  const { fd } = progLoad(sys, { type: ProgType.Xdp, insns, license: 'GPL', name: 'redirect' })
  return {
    name: 'redirect',
    fd: fd.fd,
    section: '',
    type: ProgType.Xdp,
    expectedAttachType: 0,
    attachTarget: undefined,
    [Symbol.dispose]: () => fd.close(),
  }
}
