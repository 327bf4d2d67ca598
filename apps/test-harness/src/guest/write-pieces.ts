import { closeSync, openSync, writeSync } from 'node:fs'

/** Writes pieces one after the other; `flags` as open(2) takes them: `w`, `a`. */
export function writePieces(path: string, pieces: readonly Uint8Array[], flags = 'w'): void {
  const fd = openSync(path, flags)
  try {
    for (const piece of pieces) for (let written = 0; written < piece.byteLength; ) written += writeSync(fd, piece, written)
  } finally {
    closeSync(fd)
  }
}
