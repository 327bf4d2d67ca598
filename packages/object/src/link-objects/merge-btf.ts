import {
  type Btf,
  BtfBuilder,
  type BtfExt,
  BtfKind,
  type BtfType,
  type DatasecType,
  dedupBtf,
  encodeBtfExt,
  type FuncType,
  mapBtfExt,
  mapReferences,
  parseBtf,
  type TypeId,
  type VarType,
} from '@bpf/btf'
import { datasecVariables } from '../read/datasec'
import type { ObjectSection } from '../read/object-file'
import { blaming, linkError } from './link-error'
import type { LinkInput } from './link-input'
import type { MergedSections } from './merge-sections'
import { EXTERN_DATASEC, type Global, type MergedSymbols } from './merge-symbols'

export interface MergedBtf {
  readonly btf: Uint8Array
  readonly ext: Uint8Array | undefined
}

/** An input that has BTF. */
interface Described {
  readonly input: LinkInput
  readonly btf: Btf
  /** The types to be copied. */
  readonly copied: number[]
  /** What became of each type; missing for those that nothing stands for any more. */
  readonly newIds: Map<number, TypeId>
}

/** Puts the types of all objects into one BTF, each type once. Undefined if none has any. @throws ObjectError, BtfError */
export function mergeBtf(
  inputs: readonly LinkInput[],
  sections: MergedSections,
  symbols: MergedSymbols,
  littleEndian: boolean,
): MergedBtf | undefined {
  const builder = new BtfBuilder({ littleEndian })
  const described = numberTypes(inputs, symbols, builder)
  if (described.length === 0) return undefined
  for (const one of described) blaming(one.input.name, () => copyTypes(one, builder))
  addDatasecs(described, sections, builder)
  const ext = mergeExt(described, sections, builder)
  const deduped = dedupBtf(parseBtf(builder.toBytes()), { ext })
  const hasExt =
    deduped.ext !== undefined && [deduped.ext.funcInfo, deduped.ext.lineInfo, deduped.ext.coreRelocations].some(({ size }) => size > 0)
  const extBytes = deduped.ext !== undefined && hasExt ? encodeBtfExt(deduped.ext, deduped.builder) : undefined
  return { btf: deduped.builder.toBytes(), ext: extBytes }
}

/**
 * Gives every type that stays its new id. A global has one VAR or FUNC, that of its definition; those of declarations, and of
 * definitions that gave way, become it.
 */
function numberTypes(inputs: readonly LinkInput[], { globals }: MergedSymbols, builder: BtfBuilder): Described[] {
  const all = inputs.flatMap(input => (input.file.btf === undefined ? [] : [describe(input, input.file.btf)]))
  const globalIds = new Map<Global, TypeId>()
  const aliases: { readonly newIds: Map<number, TypeId>; readonly id: number; readonly global: Global }[] = []
  for (const { input, btf, copied, newIds } of all) {
    for (let id = 1; id < btf.endId; id++) {
      const type = btf.type(id)
      const global = isGlobalType(type) ? globals.get(type.name) : undefined
      const isOwn = global === undefined || (global.owner === input && global.typeId === id)
      if (global !== undefined && !isOwn) aliases.push({ newIds, id, global })
      if (!isOwn || type.kind === 'datasec' || isDropped(btf, type, globals)) continue
      const newId = builder.reserve()
      copied.push(id)
      newIds.set(id, newId)
      if (global !== undefined) globalIds.set(global, newId)
    }
  }
  for (const { newIds, id, global } of aliases) {
    const newId = globalIds.get(global)
    if (newId !== undefined) newIds.set(id, newId)
  }
  return all
}

const describe = (input: LinkInput, btf: Btf): Described => ({ input, btf, copied: [], newIds: new Map() })

const isGlobalType = (type: BtfType): type is VarType | FuncType =>
  (type.kind === 'var' || type.kind === 'func') && type.linkage !== 'static'

/** A global without a symbol is of a section that was dropped, such as a second license; its tags go with it. */
function isDropped(btf: Btf, type: BtfType, globals: ReadonlyMap<string, Global>): boolean {
  const subject = type.kind === 'declTag' ? btf.type(type.type) : type
  return isGlobalType(subject) && !globals.has(subject.name)
}

function copyTypes({ input, btf, copied, newIds }: Described, builder: BtfBuilder): void {
  for (const id of copied) {
    const type = btf.type(id)
    if (type.kind === 'void' || type.kind === 'unknown') throw linkError(input.name, `BTF type ${id} is of an unknown kind`)
    const newId = (old: TypeId): TypeId => {
      const known = old === 0 ? old : newIds.get(old)
      if (known === undefined) throw linkError(input.name, `BTF type ${id} refers to type ${old}, which was dropped`)
      return known
    }
    builder.set(newId(type.id), mapReferences(type, newId))
  }
}

/** The variables of each section, in the order of the output. */
function addDatasecs(all: readonly Described[], { sections, placements }: MergedSections, builder: BtfBuilder): void {
  const variables = new Map<string, DatasecType['variables'][number][]>()
  for (const { input, btf, newIds, copied } of all) {
    const isCopied = new Set(copied)
    for (let id = 1; id < btf.endId; id++) {
      if (btf.kindOf(id) !== BtfKind.Datasec) continue
      const datasec = btf.type(id)
      if (datasec.kind !== 'datasec' || datasec.name === EXTERN_DATASEC) continue
      const section = input.file.sections.find(({ name }) => name === datasec.name)
      const placement = section && placements.get(section)
      if (section !== undefined && placement === undefined) continue
      const list = variables.get(datasec.name) ?? []
      variables.set(datasec.name, list)
      for (const { type, offset, size } of variablesOf(btf, datasec, section)) {
        const newId = newIds.get(type)
        if (newId !== undefined && isCopied.has(type)) list.push({ type: newId, offset: offset + (placement?.offset ?? 0), size })
      }
    }
  }
  const sizes = new Map(sections.map(({ name, size }) => [name, size]))
  for (const [name, list] of variables) builder.add({ kind: 'datasec', name, size: sizes.get(name) ?? 0, variables: list })
}

/** Places are known for variables only; functions in `.ksyms` have none. */
function variablesOf(btf: Btf, datasec: DatasecType, section: ObjectSection | undefined): DatasecType['variables'] {
  if (section === undefined) return datasec.variables
  const placed = datasecVariables(btf, datasec, section)
  return placed.flatMap(({ variable, offset, size }) => (offset === undefined ? [] : [{ type: variable.id, offset, size }]))
}

/** All `.BTF.ext` in one, by section; what is about dropped functions is left out. */
function mergeExt(all: readonly Described[], { placements }: MergedSections, builder: BtfBuilder): BtfExt {
  const merged = { funcInfo: new Map(), lineInfo: new Map(), coreRelocations: new Map() } as Mutable<BtfExt>
  for (const { input, btf, newIds } of all) {
    const { btfExt, sections } = input.file
    if (btfExt === undefined) continue
    const moved = mapBtfExt(
      btfExt,
      id => newIds.get(id) ?? (0 as TypeId),
      offset => builder.string(btf.string(offset)),
    )
    const append = <T extends { readonly offset: number }>(to: Map<string, T[]>, from: ReadonlyMap<string, readonly T[]>) => {
      for (const [name, records] of from) {
        const section = sections.find(section => section.name === name)
        const placement = section && placements.get(section)
        if (placement === undefined)
          throw linkError(input.name, `.BTF.ext is about section ${name}, which is not linked`, { section: '.BTF.ext' })
        const list = to.get(name) ?? []
        to.set(name, list)
        for (const record of records) list.push({ ...record, offset: record.offset + placement.offset })
      }
    }
    append(merged.funcInfo, moved.funcInfo)
    append(merged.lineInfo, moved.lineInfo)
    append(merged.coreRelocations, moved.coreRelocations)
  }
  return merged
}

type Mutable<T> = { [field in keyof T]: T[field] extends ReadonlyMap<infer K, readonly (infer V)[]> ? Map<K, V[]> : never }
