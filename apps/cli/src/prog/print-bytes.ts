import { toHex } from '@bpf/bytes'
import type { Io } from '@bpf/terminal'

const bytesPerLine = 16

/** Sixteen bytes a line, behind their offset in hex. */
export function printBytes(bytes: Uint8Array, io: Io): void {
  for (let offset = 0; offset < bytes.byteLength; offset += bytesPerLine) {
    const line = toHex(bytes.subarray(offset, offset + bytesPerLine)).replace(/..(?=.)/g, '$& ')
    io.out(`${offset.toString(16).padStart(6)}:  ${line}`)
  }
}
