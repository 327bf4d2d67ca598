import { readFileSync } from 'node:fs'
import { LoadError } from './errors'

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a directory',
  EACCES: 'may not be read by this user',
}

/** @throws LoadError that says why the file cannot be read */
export function readObjectFile(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    throw new LoadError({
      stage: 'file',
      subject: path,
      problem: reasons[code] ?? `cannot be read: ${code || String(error)}`,
      cause: error,
    })
  }
}
