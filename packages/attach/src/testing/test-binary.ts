import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file of the test's own, gone at the end. */
export interface TestBinary extends Disposable {
  readonly path: string
  readonly directory: string
  /** Runs it to its end. */
  run(): void
}

export function testBinary(name: string, bytes: Uint8Array): TestBinary {
  const directory = mkdtempSync(join(tmpdir(), 'bpf-attach-'))
  const path = join(directory, name)
  writeFileSync(path, bytes, { mode: 0o755 })
  return {
    path,
    directory,
    run() {
      const { error, status, signal } = spawnSync(path)
      if (error) throw error
      if (status !== 0) throw new Error(`${name} ended with ${signal ?? status}`)
    },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  }
}
