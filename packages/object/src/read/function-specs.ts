import type { Btf, TypeId } from '@bpf/btf'
import { BtfKind } from '@bpf/btf'
import { SLOT_SIZE } from '@bpf/insn'
import { ObjectError, place } from '../object-error'
import type { FunctionSpec, SlotCore, SlotLine } from '../spec'
import { sliceByOffset, sortedByOffset } from './by-offset'
import { declTagsOf } from './decl-tags'
import type { FunctionIndex } from './function-index'
import type { FunctionRange } from './functions'
import { findLocalCalls } from './local-calls'
import { contentsOf, type ObjectFile, type ObjectSection } from './object-file'
import type { PlacedReference } from './references'

/** What two names of the same bytes share. */
type FunctionBody = Pick<FunctionSpec, 'code' | 'references' | 'coreRelocations' | 'lineInfo'> & {
  readonly recordedType: TypeId | undefined
}

/** Puts together what is known about each function. @throws ObjectError, BtfError */
export function functionSpecs(
  file: ObjectFile,
  ranges: readonly FunctionRange[],
  index: FunctionIndex,
  references: ReadonlyMap<ObjectSection, readonly PlacedReference[]>,
): FunctionSpec[] {
  const tags = declTagsOf(file.btf)
  const tables = new Map<ObjectSection, SectionTables>()
  const bodies = new Map<string, FunctionBody>()
  return ranges.map(range => {
    const { name, section, offset, linkage, hidden } = range
    const table = tables.get(section) ?? sectionTables(file, section, references.get(section) ?? [])
    tables.set(section, table)
    const place = `${section.index}:${offset}`
    const body = bodies.get(place) ?? functionBody(file, range, index, table)
    bodies.set(place, body)
    const { code, references: own, coreRelocations, lineInfo, recordedType } = body
    const typeId = functionType(file.btf, range, recordedType)
    const declTags = tags.get(typeId) ?? []
    return { name, section: section.name, offset, linkage, hidden, code, references: own, coreRelocations, lineInfo, typeId, declTags }
  })
}

/** What is known about the code of a section, each table by offset. */
interface SectionTables {
  readonly references: readonly PlacedReference[]
  readonly relocated: ReadonlySet<number>
  readonly core: readonly (Omit<SlotCore, 'slot'> & { readonly offset: number })[]
  readonly lines: readonly (Omit<SlotLine, 'slot'> & { readonly offset: number })[]
  readonly funcs: readonly { readonly offset: number; readonly typeId: TypeId }[]
}

function sectionTables({ btfExt, sections }: ObjectFile, section: ObjectSection, references: readonly PlacedReference[]): SectionTables {
  // .BTF.ext knows sections by name: of two that share theirs it means the first.
  const isFirst = sections.find(({ name }) => name === section.name) === section
  const ext = isFirst ? btfExt : undefined
  return {
    references,
    relocated: new Set(references.map(({ offset }) => offset)),
    core: sortedByOffset(ext?.coreRelocations.get(section.name) ?? []),
    lines: sortedByOffset(ext?.lineInfo.get(section.name) ?? []),
    funcs: sortedByOffset(ext?.funcInfo.get(section.name) ?? []),
  }
}

function functionBody(file: ObjectFile, range: FunctionRange, index: FunctionIndex, tables: SectionTables): FunctionBody {
  const { section, offset, size } = range
  const code = contentsOf(file, section).subarray(offset, offset + size)
  const own = <T extends { readonly offset: number }>(sorted: readonly T[]) => sliceByOffset(sorted, offset, offset + size)
  const calls = findLocalCalls(range, code, file.littleEndian, index, tables.relocated)
  const references = sortedByOffset([...own(tables.references), ...calls])
  return {
    code,
    references: references.map(({ offset: at, target }) => ({ slot: slotIn(range, at), ...target })),
    coreRelocations: own(tables.core).map(({ offset: at, typeId, access, kind }) => ({ slot: slotIn(range, at), typeId, access, kind })),
    lineInfo: own(tables.lines).map(({ offset: at, fileNameOffset, lineOffset, line, column }) => {
      return { slot: slotIn(range, at), fileNameOffset, lineOffset, line, column }
    }),
    recordedType: own(tables.funcs)[0]?.typeId,
  }
}

/** The FUNC of a function: what .BTF.ext says, or, without that, the one of its name. */
function functionType(btf: Btf | undefined, { name }: FunctionRange, recorded: TypeId | undefined): TypeId | 0 {
  if (btf === undefined) return 0
  if (recorded !== undefined && btf.kindOf(recorded) === BtfKind.Func) return recorded
  return btf.idsByName(name, 'func')[0] ?? 0
}

function slotIn({ name, section, offset }: FunctionRange, at: number): number {
  const slot = (at - offset) / SLOT_SIZE
  if (Number.isInteger(slot)) return slot
  const message = `function "${name}": .BTF.ext has a record for ${place(section.name, at)}, which is no instruction's place`
  throw new ObjectError('ERR_BPF_OBJECT_RELOCATION', message, { section: section.name, offset: at, symbol: name })
}
