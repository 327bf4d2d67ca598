// The packages that are published, and what each becomes when it is packed.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './workspace.mjs'

/** `{ directory, manifest }` of each, directories from the root of the workspace. */
export const published = ['packages', 'apps']
  .flatMap(folder => readdirSync(join(root, folder)).map(name => `${folder}/${name}`))
  .filter(directory => existsSync(join(root, directory, 'package.json')))
  .map(directory => ({ directory, manifest: JSON.parse(readFileSync(join(root, directory, 'package.json'), 'utf8')) }))
  .filter(({ manifest }) => manifest.private !== true)

/** What npm says it would pack: `{ size, unpackedSize, files: [{ path, size }] }`, in bytes. The packages must be built. */
export function describePack(directory) {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: join(root, directory),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return JSON.parse(output)[0]
}

/** Packs what is published as it is published, into a directory. pnpm, unlike npm, follows `publishConfig` and `workspace:`. */
export function packAll(destination) {
  const filters = published.flatMap(({ manifest }) => ['--filter', manifest.name])
  execFileSync('npx', ['--yes', 'pnpm@10.34.9', ...filters, 'pack', '--pack-destination', destination], { cwd: root, stdio: 'ignore' })
}
