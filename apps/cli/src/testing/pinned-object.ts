import { mkdtempSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runCli } from './run-cli'

export function fixture(path: string): string {
  return fileURLToPath(new URL(`../../../../packages/fixtures/objects/${path}`, import.meta.url))
}

export interface PinnedObject extends Disposable {
  /** `maps/NAME` and `programs/NAME` are in it. */
  readonly directory: string
}

/** An object of the fixtures in the kernel, held by pins alone, until it is disposed of. */
export async function pinObject(path: string): Promise<PinnedObject> {
  const directory = mkdtempSync('/sys/fs/bpf/cli-test-')
  const remove = () => rmSync(directory, { recursive: true, force: true })
  const { code, notes } = await runCli('load', '--pin', directory, fixture(path))
  if (code !== 0) {
    remove()
    throw new Error(notes.join('\n'))
  }
  return { directory, [Symbol.dispose]: remove }
}
