import { writeFileSync } from 'node:fs'
import { BpfError } from '@bpf/bytes'
import type { Io } from '@bpf/terminal'

/** Writes what a command made, and says so. @throws BpfError ERR_BPF_FILE */
export function writeOutput(path: string, contents: string | Uint8Array, io: Io): void {
  try {
    writeFileSync(io.resolvePath(path), contents)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new BpfError('ERR_BPF_FILE', `${path}: cannot be written: ${reasons[code ?? ''] ?? message}`)
  }
  io.note(`wrote ${path}, ${Buffer.byteLength(contents)} bytes`)
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such directory',
  ENOTDIR: 'what should be its directory is a file',
  EISDIR: 'it is a directory',
  EACCES: 'this user may not write there',
  EROFS: 'that file system is read-only',
  ENOSPC: 'that file system is full',
}

/** Text goes to stdout where no file is named. @throws BpfError ERR_BPF_FILE */
export function printOrWrite(path: string | undefined, text: string, io: Io): void {
  if (path === undefined) io.out(text.trimEnd())
  else writeOutput(path, text, io)
}
