import { fits } from '@bpf/bytes'
import { type ElfSymbol, SymbolBinding, SymbolType, SymbolVisibility } from '@bpf/elf'
import type { VariableSpec } from '../spec'
import { type DatasecVariable, datasecVariables, findDatasec } from './datasec'
import type { ObjectFile, ObjectSection } from './object-file'

/**
 * The variables of a section that became the map `map`, by offset: those that have a symbol, and those that only BTF
 * knows. Names that occur twice are static variables of different functions.
 */
export function readVariables({ btf }: ObjectFile, section: ObjectSection, map: string): VariableSpec[] {
  const datasec = findDatasec(btf, section.name)
  const described = btf === undefined || datasec === undefined ? [] : datasecVariables(btf, datasec, section)
  const byPlace = new Map(described.map(variable => [key(variable.name, variable.offset), variable]))
  const variables: VariableSpec[] = []
  for (const symbol of section.symbols.filter(({ type }) => type === SymbolType.Object)) {
    const place = key(symbol.name, Number(symbol.value))
    variables.push(ofSymbol(symbol, map, byPlace.get(place)))
    byPlace.delete(place)
  }
  for (const variable of byPlace.values()) if (variable.offset !== undefined) variables.push(ofType(variable, variable.offset, map))
  return variables.filter(({ offset, size }) => size > 0 && fits(offset, size, section.size)).sort((a, b) => a.offset - b.offset)
}

const key = (name: string, offset: number | undefined): string => `${offset} ${name}`

function ofSymbol(symbol: ElfSymbol, map: string, described: DatasecVariable | undefined): VariableSpec {
  const { name, value, size, binding, visibility } = symbol
  return {
    name,
    map,
    offset: Number(value),
    size: Number(size) || (described?.size ?? 0),
    typeId: described?.variable.id ?? 0,
    linkage: binding === SymbolBinding.Local ? 'static' : binding === SymbolBinding.Weak ? 'weak' : 'global',
    hidden: visibility === SymbolVisibility.Hidden || visibility === SymbolVisibility.Internal,
  }
}

function ofType({ variable, name, size, hidden }: DatasecVariable, offset: number, map: string): VariableSpec {
  return { name, map, offset, size, typeId: variable.id, linkage: variable.linkage === 'static' ? 'static' : 'global', hidden }
}
