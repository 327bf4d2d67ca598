import { mkdirSync, writeFileSync } from 'node:fs'
import { BpfError } from '@bpf/bytes'
import type { Io } from '@bpf/terminal'

/** Writes what a command made, and says so. @throws BpfError ERR_BPF_FILE */
export function writeOutput(path: string, contents: string | Uint8Array, io: Io): void {
  attempt(path, 'written', () => writeFileSync(io.resolvePath(path), contents))
  io.note(`wrote ${path}, ${Buffer.byteLength(contents)} bytes`)
}

/** Makes a directory for several files, unless it is there. @throws BpfError ERR_BPF_FILE */
export function makeOutputDirectory(path: string, io: Io): void {
  attempt(path, 'made', () => mkdirSync(io.resolvePath(path), { recursive: true }))
}

function attempt(path: string, what: string, action: () => void): void {
  try {
    action()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new BpfError('ERR_BPF_FILE', `${path}: cannot be ${what}: ${reasons[code ?? ''] ?? message}`)
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such directory',
  ENOTDIR: 'what should be its directory is a file',
  EEXIST: 'it is a file',
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
