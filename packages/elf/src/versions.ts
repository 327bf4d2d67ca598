import { Cursor } from '@bpf/bytes'
import type { VersionRecords } from './dynamic-tables'
import { ElfError } from './errors'
import type { ElfSymbolVersion } from './types'

/** Bit of a version index: only found when asked for by version. */
const hiddenBit = 0x8000
/** Index 0 is local, 1 is global without a version. */
const firstNamedIndex = 2

/** How a chain's records and their auxiliary records are laid out (`Elf64_Verdef`/`Verdaux`, `Elf64_Verneed`/`Vernaux`). */
type ReadRecord = (c: Cursor) => { readonly count: number; readonly firstPart: number; readonly next: number; readonly index?: number }
type ReadPart = (c: Cursor) => { readonly name: number; readonly next: number; readonly index?: number }

const readDefinition: ReadRecord = c => {
  const index = c.skip(4).u16()
  const count = c.u16()
  return { index, count, firstPart: c.skip(4).u32(), next: c.u32() }
}
const readDefinitionPart: ReadPart = c => ({ name: c.u32(), next: c.u32() })

const readRequirement: ReadRecord = c => {
  const count = c.skip(2).u16()
  return { count, firstPart: c.skip(4).u32(), next: c.u32() }
}
const readRequirementPart: ReadPart = c => {
  const index = c.skip(6).u16()
  return { index, name: c.u32(), next: c.u32() }
}

/** The smallest record: bounds how many a table can hold. */
const smallestRecord = 8

/** Names of versions by index. */
type VersionNames = ReadonlyMap<number, string>

/** The versions that the file itself defines. @throws ElfError, BoundsError */
export function definedVersions(records: VersionRecords, littleEndian: boolean): VersionNames {
  // A definition's further parts are its parents, not names of its own.
  return versionNames(records, littleEndian, readDefinition, readDefinitionPart, 1)
}

/** The versions that the file needs of others. @throws ElfError, BoundsError */
export function requiredVersions(records: VersionRecords, littleEndian: boolean): VersionNames {
  return versionNames(records, littleEndian, readRequirement, readRequirementPart, Number.POSITIVE_INFINITY)
}

function versionNames(
  { bytes, count, strings, section }: VersionRecords,
  littleEndian: boolean,
  readRecord: ReadRecord,
  readPart: ReadPart,
  maxParts: number,
): VersionNames {
  const names = new Map<number, string>()
  const c = new Cursor(bytes, { littleEndian, context: section })
  // Offsets may point anywhere, so it is their number that is limited: records that overlap are malformed.
  let left = Math.floor(bytes.length / smallestRecord)
  const step = () => {
    if (left-- === 0) throw new ElfError('ERR_BPF_ELF_VERSION', `${section}: version records overlap`, { section })
  }
  for (let record = 0, at = 0; record < count; record++) {
    step()
    const { index, count: parts, firstPart, next } = readRecord(c.seek(at))
    for (let part = 0, partAt = at + firstPart; part < Math.min(parts, maxParts); part++) {
      step()
      const found = readPart(c.seek(partAt))
      names.set((found.index ?? index ?? 0) & ~hiddenBit, strings.get(found.name))
      if (found.next === 0) break
      partAt += found.next
    }
    if (next === 0) break
    at += next
  }
  return names
}

/** The version that an entry of the index table stands for; undefined for local and unversioned symbols. */
export function versionOf(entry: number, defined: VersionNames, required: VersionNames): ElfSymbolVersion | undefined {
  const index = entry & ~hiddenBit
  if (index < firstNamedIndex) return undefined
  const own = defined.get(index)
  if (own !== undefined) return { name: own, isDefault: (entry & hiddenBit) === 0 }
  // Also of symbols with a definition here: a variable that the linker copied from its library keeps the library's version.
  const other = required.get(index)
  return other === undefined ? undefined : { name: other, isDefault: false }
}
