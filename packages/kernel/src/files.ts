import { closeSync, openSync, readdirSync, readFileSync, readSync, type Stats, statSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { exhaustionOf, mapFile, type Sys } from '@bpf/sys'

/**
 * The files that facts are read from. Tests bring their own.
 *
 * @throws SyscallError where this process may open no more files: then nothing can be said about any of them
 */
export interface Files {
  /** The whole file; undefined when it is absent or not readable. */
  bytes(path: string): Uint8Array | undefined
  text(path: string): string | undefined
  /** What changes when another file takes the place of this one, as when a module is loaded anew; undefined when there is none. */
  version(path: string): string | undefined
  /** Names in a directory; empty when there is none. */
  list(path: string): readonly string[]
  /** Opens a file too large to read whole; undefined when it is absent or not readable. */
  open(path: string): RandomAccess | undefined
  /**
   * A file of the kernel's that never changes, without a copy: not to be written to. Undefined where that cannot be had. Absent in
   * worker threads: what they map stays when they end.
   */
  map?(path: string): Uint8Array | undefined
}

export interface RandomAccess extends Disposable {
  /** Up to `length` bytes at `offset`; fewer at the end of the file. */
  read(offset: number, length: number): Uint8Array
}

export function realFiles(sys: Sys): Files {
  return {
    bytes: path => attempt(path, () => readFileSync(path)),
    text: path => attempt(path, () => readFileSync(path, 'utf8')),
    version: path => attempt(path, () => versionOf(statSync(path))),
    list: path => attempt(path, () => readdirSync(path).sort()) ?? [],
    open: path => attempt(path, () => openFile(path)),
    ...(isMainThread ? { map: path => attempt(path, () => mapFile(sys, path, statSync(path).size)) } : {}),
  }

  /** No file is a fact too; what is wrong with it is for the caller to find out where it matters. */
  function attempt<T>(path: string, action: () => T): T | undefined {
    try {
      return action()
    } catch (error) {
      const exhaustion = exhaustionOf(sys, error, path)
      if (exhaustion !== undefined) throw exhaustion
      return undefined
    }
  }
}

/** File systems number what they have; those of the kernel give no number twice. */
function versionOf({ dev, ino, size }: Stats): string {
  return `${dev}:${ino}:${size}`
}

function openFile(path: string): RandomAccess {
  const fd = openSync(path, 'r')
  return {
    read(offset, length) {
      const bytes = new Uint8Array(length)
      return bytes.subarray(0, readSync(fd, bytes, 0, length, offset))
    },
    [Symbol.dispose]: () => closeSync(fd),
  }
}
