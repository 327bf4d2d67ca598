import { progLoad } from '../bpf/program'
import type { OwnedFd } from '../owned-fd'
import type { Sys } from '../sys'

/** `r0 = value; exit`. */
function returning(value: number): Uint8Array {
  const code = Uint8Array.from([0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0])
  new DataView(code.buffer).setInt32(4, value, true)
  return code
}

/** The smallest program of a type. */
export function minimalProgram(sys: Sys, type: number, expectedAttachType = 0, value = 0): OwnedFd {
  return progLoad(sys, { type, insns: returning(value), license: 'GPL', expectedAttachType, name: 'minimal' }).fd
}
