import type { Io } from '@bpf/terminal'
import type { NativeFunction } from './native-functions'
import { printBytes } from './print-bytes'

/** A function's name and place, and its bytes. */
export function printNative({ name, address, code }: NativeFunction, io: Io): void {
  io.out(io.style('bold', `${name} at 0x${address.toString(16)}, ${code.byteLength} bytes`))
  printBytes(code, io)
}
