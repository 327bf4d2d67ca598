import { dirname, join } from 'node:path'
import { toHex } from '@bpf/bytes'
import { buildId, crc32, type ElfFile, parseElf, readDebugLink } from '@bpf/elf'
import type { Files } from '@bpf/kernel'

const globalDirectory = '/usr/lib/debug'

/**
 * The file with the symbols of a stripped one, where distributions put it: by build id below /usr/lib/debug, or by the name in
 * .gnu_debuglink beside the file, in `.debug` there, or below /usr/lib/debug. Undefined when it is not installed.
 */
export function findDebugFile(files: Files, elf: ElfFile, path: string): ElfFile | undefined {
  const notes = buildId(elf)
  if (notes !== undefined) {
    const id = toHex(notes)
    const bytes = files.bytes(join(globalDirectory, '.build-id', id.slice(0, 2), `${id.slice(2)}.debug`))
    if (bytes !== undefined) return parseElf(bytes)
  }
  const link = readDebugLink(elf)
  if (link === undefined) return undefined
  const directory = dirname(path)
  for (const candidate of [directory, join(directory, '.debug'), join(globalDirectory, directory)]) {
    const bytes = files.bytes(join(candidate, link.fileName))
    // Any other file of that name is of another build.
    if (bytes !== undefined && crc32(bytes) === link.crc32) return parseElf(bytes)
  }
  return undefined
}
