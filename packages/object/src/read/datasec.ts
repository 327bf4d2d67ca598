import { type Btf, BtfKind, type DatasecType, type TypeId, type VarType } from '@bpf/btf'
import { SymbolBinding, SymbolType, SymbolVisibility } from '@bpf/elf'
import type { DataSectionLayout } from '../spec'
import type { ObjectFile, ObjectSection } from './object-file'

/** A variable of a DATASEC, in its place: compilers leave offsets of global variables to whoever knows the symbols. */
export interface DatasecVariable {
  readonly variable: VarType
  readonly name: string
  /** Bytes from the start of the section; undefined when no symbol says so. */
  readonly offset: number | undefined
  /** Bytes. */
  readonly size: number
  readonly hidden: boolean
}

/** The DATASEC of a name. */
export function findDatasec(btf: Btf | undefined, name: string): DatasecType | undefined {
  return btf?.find(name, 'datasec')
}

/** The variables of a section's DATASEC by offset, those without one last. Functions and other oddities are left out. */
export function datasecVariables(btf: Btf, datasec: DatasecType, section: ObjectSection): DatasecVariable[] {
  const symbols = new Map(layoutOf(section).symbols.map(symbol => [symbol.name, symbol]))
  const variables = datasec.variables.flatMap(({ type, offset, size }): DatasecVariable[] => {
    const variable = btf.type(type)
    if (variable.kind !== 'var') return []
    const { name, linkage } = variable
    if (linkage === 'static') return [{ variable, name, offset, size, hidden: false }]
    const symbol = symbols.get(name)
    // A compiler leaves offsets and the section's size 0. A static linker fills them in, but that of libbpf forgets maps that
    // were declared before they were defined: a symbol knows better.
    const known = symbol?.offset ?? (datasec.size === 0 ? undefined : offset)
    return [{ variable, name, offset: known, size, hidden: symbol?.hidden ?? false }]
  })
  return variables.sort((a, b) => (a.offset ?? Number.MAX_SAFE_INTEGER) - (b.offset ?? Number.MAX_SAFE_INTEGER))
}

/** What every DATASEC of the object's BTF lacks and its ELF section has. */
export function dataSectionLayouts({ btf, sections }: ObjectFile): DataSectionLayout[] {
  if (btf === undefined) return []
  const names = new Set(datasecIds(btf).map(id => btf.nameOf(id)))
  return sections.filter(({ index, name }) => index > 0 && names.has(name)).map(layoutOf)
}

function datasecIds(btf: Btf): TypeId[] {
  const ids: TypeId[] = []
  for (let id = btf.startId; id < btf.endId; id++) if (btf.kindOf(id) === BtfKind.Datasec) ids.push(id as TypeId)
  return ids
}

function layoutOf({ name, size, symbols }: ObjectSection): DataSectionLayout {
  const visible = symbols.filter(({ type, binding }) => type === SymbolType.Object && binding !== SymbolBinding.Local)
  return {
    name,
    size,
    symbols: visible.map(symbol => ({
      name: symbol.name,
      offset: Number(symbol.value),
      hidden: symbol.visibility === SymbolVisibility.Hidden || symbol.visibility === SymbolVisibility.Internal,
    })),
  }
}
