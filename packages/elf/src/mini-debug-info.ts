import { BpfError } from '@bpf/bytes'
import { ElfError } from './errors'
import { parseElf } from './parse'
import { sectionByName, sectionData } from './section-data'
import type { ElfFile } from './types'
import { decodeXz } from './xz/xz'

const section = '.gnu_debugdata'
/** Bytes, decompressed: many times what the largest of libraries have. */
const limit = 128 * 1024 * 1024

/**
 * MiniDebugInfo, as Fedora and its kin leave it in stripped files: an ELF file that has the symbols of functions and nothing else,
 * compressed. Undefined where there is none. @throws ElfError if it is damaged
 */
export function readMiniDebugInfo(elf: ElfFile): ElfFile | undefined {
  const found = sectionByName(elf, section)
  if (found === undefined) return undefined
  try {
    return parseElf(decodeXz(sectionData(elf, found), limit))
  } catch (cause) {
    if (!(cause instanceof BpfError)) throw cause
    const { offset } = found
    const hint = 'install its debug symbols, or give an address or an offset'
    const message = `the symbols compressed in it (MiniDebugInfo, ${section}) cannot be read: ${cause.message}`
    throw new ElfError('ERR_BPF_ELF_COMPRESSION', message, { section, offset, cause, hint })
  }
}
