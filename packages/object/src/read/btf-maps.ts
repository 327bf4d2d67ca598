import { type Btf, resolve } from '@bpf/btf'
import { fits } from '@bpf/bytes'
import { ObjectError } from '../object-error'
import type { MapSpec } from '../spec'
import { type DatasecVariable, datasecVariables, findDatasec } from './datasec'
import { readMapAttributes } from './map-attributes'
import { type ObjectFile, type ObjectSection, sectionsWithRole } from './object-file'

/** A map, and the bytes of the section that stand for it: symbols and initialisers are found by them. */
export interface PlacedMap {
  readonly map: MapSpec
  readonly section: ObjectSection
  /** Bytes from the start of the section. */
  readonly offset: number
  /** Bytes. */
  readonly size: number
  /** Offset of the `values` member in bytes; undefined for maps without one. */
  readonly valuesOffset: number | undefined
}

/** The maps that `.maps` defines, by offset. @throws ObjectError, BtfError */
export function readBtfMaps(file: ObjectFile, relaxed: boolean): PlacedMap[] {
  const [section] = sectionsWithRole(file, 'maps')
  const { btf } = file
  if (section === undefined || btf === undefined) return []
  const datasec = findDatasec(btf, section.name)
  if (datasec === undefined) {
    throw new ObjectError('ERR_BPF_OBJECT_MAP', 'BTF has no DATASEC .maps, so the maps of section .maps are unknown', { section: '.maps' })
  }
  const other = datasec.variables.find(({ type }) => btf.type(type).kind !== 'var')
  if (other !== undefined) throw mapError(`DATASEC .maps lists type ${other.type}, which is no variable`, btf.nameOf(other.type))
  return datasecVariables(btf, datasec, section).map(variable => placeMap(btf, section, variable, relaxed))
}

function placeMap(btf: Btf, section: ObjectSection, found: DatasecVariable, relaxed: boolean): PlacedMap {
  const { variable, name, offset, size } = found
  if (name === '') throw mapError('a map in section .maps has no name', name)
  if (variable.linkage === 'extern') throw mapError(`map "${name}" is defined in another object`, name, 'Link the objects first.')
  if (variable.linkage !== 'global') throw mapError(`map "${name}" is ${variable.linkage}, but maps must be global`, name)
  if (offset === undefined) throw mapError(`map "${name}" is in BTF, but the object has no symbol of that name`, name)
  if (!fits(offset, size, section.size)) {
    throw mapError(`map "${name}" (${size} bytes at 0x${offset.toString(16)}) is past the end of section .maps`, name)
  }
  const type = resolve(btf, variable.type)
  if (type.kind !== 'struct') throw mapError(`map "${name}" is defined by a type of kind ${type.kind}, not by a struct`, name)
  if (type.size > size) throw mapError(`map "${name}" has ${size} bytes, less than its struct (${type.size})`, name)
  const last = type.members.at(-1)
  return {
    map: readMapAttributes(btf, name, type, relaxed),
    section,
    offset,
    size,
    valuesOffset: last?.name === 'values' ? last.bitOffset / 8 : undefined,
  }
}

function mapError(message: string, symbol: string, hint?: string): ObjectError {
  return new ObjectError('ERR_BPF_OBJECT_MAP', message, { section: '.maps', symbol, hint })
}
