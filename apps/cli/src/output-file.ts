import { writeFileSync } from 'node:fs'
import { BpfError } from '@bpf/bytes'
import type { Io } from '@bpf/terminal'

/** Writes what a command made, and says so. @throws BpfError ERR_BPF_FILE */
export function writeOutput(path: string, contents: string | Uint8Array, io: Io): void {
  try {
    writeFileSync(io.resolvePath(path), contents)
  } catch (error) {
    throw new BpfError('ERR_BPF_FILE', `${path}: cannot be written: ${error instanceof Error ? error.message : String(error)}`)
  }
  io.note(`wrote ${path}, ${Buffer.byteLength(contents)} bytes`)
}

/** Text goes to stdout where no file is named. @throws BpfError ERR_BPF_FILE */
export function printOrWrite(path: string | undefined, text: string, io: Io): void {
  if (path === undefined) io.out(text.trimEnd())
  else writeOutput(path, text, io)
}
