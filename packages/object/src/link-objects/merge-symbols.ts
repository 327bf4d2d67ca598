import type { TypeId } from '@bpf/btf'
import { type ElfSymbol, SectionIndex, SymbolBinding, SymbolType } from '@bpf/elf'
import { sectionOf } from '../read/object-file'
import type { SymbolInput } from './encode-elf'
import { linkError } from './link-error'
import type { LinkInput } from './link-input'
import type { MergedSections, Placement } from './merge-sections'
import { mapDifference } from './same-map'
import { typeDifference } from './same-type'

/** A symbol of the output, which later objects can still change. */
export type OutputSymbol = { -readonly [field in keyof SymbolInput]: SymbolInput[field] }

/** A global of the output: what all objects that name it refer to. */
export interface Global {
  readonly symbol: OutputSymbol
  /** Whose definition it is; while there is none, who declared it first. */
  owner: LinkInput
  /** Its VAR or FUNC in the owner's BTF. */
  typeId: TypeId | undefined
  isDefined: boolean
  /** The definition gives way to another. */
  isWeak: boolean
  /** The section it is in or, if it is declared only, the DATASEC. */
  section: string | undefined
}

export interface MergedSymbols {
  readonly symbols: readonly OutputSymbol[]
  /** By name. */
  readonly globals: ReadonlyMap<string, Global>
  /** By index in the input's symbol table; undefined for dropped ones. */
  readonly mapped: ReadonlyMap<LinkInput, readonly (OutputSymbol | undefined)[]>
}

/** Resolves the globals of all objects. @throws ObjectError for two definitions of one, or declarations that do not fit */
export function mergeSymbols(inputs: readonly LinkInput[], { placements }: MergedSections): MergedSymbols {
  const symbols: OutputSymbol[] = []
  const globals = new Map<string, Global>()
  const sectionSymbols = new Map<number, OutputSymbol>()
  const add = (symbol: OutputSymbol): OutputSymbol => {
    symbols.push(symbol)
    return symbol
  }
  const merge = (input: LinkInput, symbol: ElfSymbol): OutputSymbol | undefined => {
    if (symbol.index === 0) return undefined
    const section = sectionOf(input.file, symbol)
    const placement = section && placements.get(section)
    if (section !== undefined && placement === undefined) return undefined
    const placed = placeSymbol(symbol, placement)
    if (symbol.type === SymbolType.Section && placement !== undefined) {
      const known = sectionSymbols.get(placement.output.index)
      if (known !== undefined) return known
      sectionSymbols.set(placement.output.index, placed)
    }
    if (symbol.binding === SymbolBinding.Local) return add(placed)
    const found = describeGlobal(input, symbol, placed, placement)
    const existing = globals.get(symbol.name)
    if (existing === undefined) {
      globals.set(symbol.name, found)
      return add(placed)
    }
    unite(existing, found)
    return existing.symbol
  }
  const mapped = new Map(inputs.map(input => [input, input.file.symbols.map(symbol => merge(input, symbol))]))
  return { symbols, globals, mapped }
}

function placeSymbol({ index: _, ...symbol }: ElfSymbol, placement: Placement | undefined): OutputSymbol {
  if (placement === undefined) return symbol
  const value = symbol.type === SymbolType.Section ? 0n : symbol.value + BigInt(placement.offset)
  return { ...symbol, value, sectionIndex: placement.output.index }
}

function describeGlobal(
  owner: LinkInput,
  { name, sectionIndex }: ElfSymbol,
  symbol: OutputSymbol,
  placement: Placement | undefined,
): Global {
  const isDefined = sectionIndex !== SectionIndex.Undefined
  const typeId = owner.file.btf?.idsByName(name, 'var', 'func').find(id => isGlobalType(owner, id))
  const section = placement?.output.name ?? (typeId === undefined ? undefined : datasecOf(owner, typeId))
  return { symbol, owner, typeId, isDefined, isWeak: symbol.binding === SymbolBinding.Weak, section }
}

function isGlobalType({ file }: LinkInput, id: TypeId): boolean {
  const type = file.btf?.type(id)
  return (type?.kind === 'var' || type?.kind === 'func') && type.linkage !== 'static'
}

/** Variables that an unlinked object only declares may be in a DATASEC that stands for no section. */
export const EXTERN_DATASEC = '.extern'

/** The DATASEC that lists a declaration: `.ksyms`, `.kconfig`, `.maps`; undefined for what another object defines. */
function datasecOf({ file: { btf } }: LinkInput, id: TypeId): string | undefined {
  for (const name of ['.ksyms', '.kconfig', '.maps']) {
    if (btf?.find(name, 'datasec')?.variables.some(({ type }) => type === id)) return name
  }
  return undefined
}

/** Makes one global of two. */
function unite(existing: Global, found: Global): void {
  const { name, binding } = found.symbol
  if (existing.isDefined && found.isDefined && !existing.isWeak && !found.isWeak) {
    throw linkError(found.owner.name, `"${name}" is defined in ${existing.owner.name} too`, { symbol: name })
  }
  checkSame(existing, found)
  const wins = found.isDefined && (!existing.isDefined || (existing.isWeak && !found.isWeak))
  // A definition or declaration that insists makes the whole insist; so does one that hides.
  if (binding === SymbolBinding.Global) existing.symbol.binding = SymbolBinding.Global
  existing.symbol.visibility = Math.max(existing.symbol.visibility, found.symbol.visibility)
  if (!wins) return
  const { type, size, value, sectionIndex } = found.symbol
  Object.assign(existing.symbol, { type, size, value, sectionIndex })
  Object.assign(existing, { owner: found.owner, typeId: found.typeId, isDefined: true, isWeak: found.isWeak, section: found.section })
}

function checkSame(existing: Global, found: Global): void {
  const { name } = found.symbol
  const fail = (cause: string) =>
    linkError(found.owner.name, `"${name}" is not what it is in ${existing.owner.name}: ${cause}`, { symbol: name })
  // A declaration without DATASEC takes any section; weak functions may be anywhere.
  const places = [existing.section, found.section].filter(section => section !== undefined)
  const bothDefined = existing.isDefined && found.isDefined
  if (!bothDefined && places.length === 2 && places[0] !== places[1]) throw fail(`it is in section ${found.section} or ${existing.section}`)
  const [one, other] = [existing.owner.file.btf, found.owner.file.btf]
  if (one === undefined || other === undefined || existing.typeId === undefined || found.typeId === undefined) return
  const [a, b] = [
    { btf: one, id: existing.typeId },
    { btf: other, id: found.typeId },
  ]
  const difference = existing.section === '.maps' ? mapDifference(name, a, b) : typeDifference(a, b)
  if (difference !== undefined) throw fail(difference)
}
