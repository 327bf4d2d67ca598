import { gunzipSync } from 'node:zlib'
import { BpfError, decodeCString } from '@bpf/bytes'
import type { Files } from './files'

/** A kernel's .config, searched as text: nobody asks for more than a few of its thousands of options. */
export interface Kconfig {
  /** Where it is from. */
  readonly source: string
  /** `y`, `m`, `"text"`, `17`; undefined when the option is not set. `name` with `CONFIG_`. */
  get(name: string): string | undefined
}

export function parseKconfig(text: string, source = 'kconfig'): Kconfig {
  const lines = `\n${text}\n`
  return {
    source,
    get(name) {
      const at = lines.indexOf(`\n${name}=`)
      if (at === -1) return undefined
      const start = at + name.length + 2
      return lines.slice(start, lines.indexOf('\n', start)).trim()
    },
  }
}

/** Text, or the same gzipped as in /proc/config.gz. @throws KconfigError */
export function readKconfig(bytes: Uint8Array, source: string): Kconfig {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return parseKconfig(decodeCString(bytes), source)
  try {
    return parseKconfig(gunzipSync(bytes, { maxOutputLength: 1 << 26 }).toString('utf8'), source)
  } catch (cause) {
    throw new KconfigError(`${source}: not a gzipped configuration`, cause)
  }
}

/** The running kernel's: what it carries itself, else what its package installed. Undefined if there is none. */
export function findKconfig(files: Files, release: string): Kconfig | undefined {
  const paths = ['/proc/config.gz', `/boot/config-${release}`, `/lib/modules/${release}/config`, `/usr/lib/modules/${release}/config`]
  for (const path of paths) {
    const bytes = files.bytes(path)
    if (bytes !== undefined) return readKconfig(bytes, path)
  }
  return undefined
}

/** A kernel configuration that cannot be read. */
export class KconfigError extends BpfError {
  override readonly name = 'KconfigError'

  constructor(message: string, cause: unknown) {
    super('ERR_BPF_KCONFIG', message, { cause })
  }
}
