import { spawnSync } from 'node:child_process'
import { KernelImageError } from './errors'

/** Unpacks a file or bytes with a command of that name, `xz`, `zstd` or `lz4`. @throws KernelImageError */
export function decompressBy(command: string, source: string | Uint8Array): Uint8Array {
  const [args, input] = typeof source === 'string' ? [['-dc', source], undefined] : [['-dc'], source]
  const { status, stdout, error } = spawnSync(command, args, { input, maxBuffer: 1 << 29 })
  if (status === 0) return stdout
  const what = typeof source === 'string' ? source : `${source.length} bytes`
  throw new KernelImageError(`${what} cannot be decompressed`, { hint: `is ${command} installed?`, cause: error })
}
