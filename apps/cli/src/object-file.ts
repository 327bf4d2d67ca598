import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { BpfError } from '@bpf/bytes'
import type { Io } from '@bpf/terminal'

export interface ObjectFile {
  readonly bytes: Uint8Array
  /** For messages: as the user wrote it. */
  readonly path: string
  /** File name without directory and extension. */
  readonly name: string
}

/** The object that `bpf start` shows when none is named; it travels with the package. */
const bundledExample = new URL('./execsnoop.o', import.meta.url)

/** @throws BpfError ERR_BPF_FILE: no such file, a directory, not readable. */
export function readObjectFile(path: string | undefined, io: Io): ObjectFile {
  if (path === undefined) {
    io.note('no object named: showing the bundled example, execsnoop')
    return { bytes: readFileSync(bundledExample), path: 'execsnoop.o (bundled)', name: 'execsnoop' }
  }
  return { bytes: readFileNaming(path, io), path, name: basename(path).replace(/(?:\.bpf)?\.o$/, '') }
}

/** A file of the user's. @throws BpfError ERR_BPF_FILE */
export function readFileNaming(path: string, io: Io): Uint8Array {
  const resolved = io.resolvePath(path)
  try {
    return readFileSync(resolved)
  } catch (error) {
    throw new BpfError('ERR_BPF_FILE', `${path}: ${reason(error)}`, { hint: path === resolved ? undefined : `looked at ${resolved}` })
  }
}

/** What is wrong with a file is said of the file. @throws BpfError */
export function readNaming<T>(file: ObjectFile, read: (bytes: Uint8Array) => T): T {
  try {
    return read(file.bytes)
  } catch (error) {
    if (!(error instanceof BpfError)) throw error
    throw new BpfError(error.code, `${file.path}: ${error.message}`, { hint: error.hint, cause: error })
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'is a directory, not an object file',
  EACCES: 'may not be read by this user',
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return reasons[code] ?? (error instanceof Error ? error.message : String(error))
}
