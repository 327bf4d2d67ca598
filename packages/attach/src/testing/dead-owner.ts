import { spawnSync } from 'node:child_process'
import { copyFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Makes the notes in a directory say that a process wrote them that has ended since. */
export function disown(runDirectory: string): void {
  const { pid } = spawnSync('true')
  for (const name of readdirSync(runDirectory)) {
    copyFileSync(join(runDirectory, name), join(runDirectory, name.replace(/^(bpfts_[0-9a-f]+)_\d+_\d+_/, `$1_${pid}_1_`)))
  }
}
