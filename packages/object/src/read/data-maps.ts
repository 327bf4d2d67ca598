import { SectionFlag, SectionType } from '@bpf/elf'
import { MapFlag } from '../constants/flags'
import { MapType } from '../constants/map-type'
import { newMap } from '../new-map'
import { ObjectError } from '../object-error'
import type { MapSpec } from '../spec'
import { datasecVariables, findDatasec } from './datasec'
import { contentsOf, type ObjectFile, type ObjectSection, sectionsWithRole } from './object-file'
import { UniqueNames } from './unique-names'

/** The map that a data section becomes. */
export interface DataMap {
  readonly map: MapSpec
  readonly section: ObjectSection
}

/**
 * One array map of a single entry for each data section that is not empty: `.data`, `.rodata`, `.bss`, any `.data.x` of
 * theirs, and sections of any other name, if programs refer to them.
 * @param referenced indexes of the sections that relocations of code refer to
 * @throws ObjectError, ElfError
 */
export function readDataMaps(file: ObjectFile, referenced: ReadonlySet<number>): DataMap[] {
  const sections = sectionsWithRole(file, 'data', 'rodata', 'bss', 'unknownData').filter(
    ({ role, size, index }) => size > 0 && (role !== 'unknownData' || referenced.has(index)),
  )
  checkSizes(file, sections)
  const names = new UniqueNames()
  return sections.map(section => {
    const name = names.take({ name: section.name, section, offset: section.elf.offset })
    return { section, map: dataMap(file, section, name) }
  })
}

function dataMap(file: ObjectFile, section: ObjectSection, name: string): MapSpec {
  const datasec = findDatasec(file.btf, section.name)
  const access = isReadOnly(section) ? 'readOnly' : 'readWrite'
  const isVisible =
    file.btf !== undefined &&
    datasec !== undefined &&
    datasecVariables(file.btf, datasec, section).some(({ variable, hidden }) => variable.linkage !== 'static' && !hidden)
  return newMap(name, {
    type: MapType.Array,
    keySize: 4,
    valueSize: section.size,
    maxEntries: 1,
    flags: (access === 'readOnly' ? MapFlag.RdonlyProg : 0) | (isVisible ? MapFlag.Mmapable : 0),
    valueTypeId: datasec?.id ?? 0,
    contents: section.elf.type === SectionType.Nobits ? undefined : contentsOf(file, section).slice(),
    origin: { kind: 'data', section: section.name, access },
  })
}

function isReadOnly({ role, elf }: ObjectSection): boolean {
  return role === 'rodata' || (role === 'unknownData' && (elf.flags & SectionFlag.Write) === 0)
}

/** Contents are copied, so that a caller can change them. Sections that share bytes would multiply the file. */
function checkSizes(file: ObjectFile, sections: readonly ObjectSection[]): void {
  let total = 0
  for (const { name, size, elf } of sections) {
    if (size > 0xffff_ffff)
      throw new ObjectError('ERR_BPF_OBJECT_DATA', `section ${name} has ${size} bytes, more than a map can hold`, { section: name })
    total += elf.type === SectionType.Nobits ? 0 : size
    if (total > file.elf.bytes.length) {
      throw new ObjectError('ERR_BPF_OBJECT_DATA', `section ${name} shares its bytes with other data sections`, { section: name })
    }
  }
}
