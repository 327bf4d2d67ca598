import { nameOf, toHex } from '@bpf/bytes'
import { buildId, type ElfFile, ElfMachine, ElfType, listFunctions, readDebugLink, readUsdtProbes } from '@bpf/elf'
import type { ObjectFile } from '../object-file'

/** What `bpf inspect --json` prints for an ordinary ELF file. */
export interface ElfDocument {
  readonly file: string
  readonly type: string
  readonly machine: string
  readonly byteOrder: 'little' | 'big'
  readonly buildId: string | null
  /** The file that has the symbols of a stripped one. */
  readonly debugLink: string | null
  readonly functionCount: number
  /** Null unless asked for. */
  readonly functions: readonly FunctionEntry[] | null
  readonly usdt: readonly UsdtEntry[]
}

export interface FunctionEntry {
  readonly name: string
  readonly version: string | null
  /** Bytes from the start of the file: where a uprobe goes. */
  readonly offset: number
  readonly size: bigint
}

export interface UsdtEntry {
  readonly provider: string
  readonly name: string
  /** One for each place in the code. */
  readonly offset: number | null
  readonly semaphoreOffset: number | null
  readonly arguments: string
}

export interface ElfQuestion {
  readonly functions: boolean
  readonly match: string | undefined
  /** More symbols of it. */
  readonly debugFile: ElfFile | undefined
}

export function inspectElf(file: ObjectFile, elf: ElfFile, { functions: wanted, match = '', debugFile }: ElfQuestion): ElfDocument {
  const { type, machine, littleEndian } = elf.header
  const functions = listFunctions(elf, name => name.includes(match), { debugFile })
  const identity = buildId(elf)
  return {
    file: file.path,
    type: nameOf(ElfType, type) ?? `type ${type}`,
    machine: nameOf(ElfMachine, machine) ?? `machine ${machine}`,
    byteOrder: littleEndian ? 'little' : 'big',
    buildId: identity === undefined ? null : toHex(identity),
    debugLink: readDebugLink(elf)?.fileName ?? null,
    functionCount: functions.length,
    functions: wanted
      ? functions
          .map(({ name, version = null, offset, size }) => ({ name, version, offset, size }))
          .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.offset - b.offset))
      : null,
    usdt: readUsdtProbes(elf)
      .filter(({ provider, name }) => `${provider}:${name}`.includes(match))
      .map(({ provider, name, offset = null, semaphoreOffset = null, arguments: args }) => {
        return { provider, name, offset, semaphoreOffset, arguments: args }
      }),
  }
}
