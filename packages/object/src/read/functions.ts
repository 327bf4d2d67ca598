import { fits, groupBy } from '@bpf/bytes'
import { type ElfSymbol, SymbolBinding, SymbolType, SymbolVisibility } from '@bpf/elf'
import { SLOT_SIZE } from '@bpf/insn'
import { ObjectError, place } from '../object-error'
import type { FunctionSpec } from '../spec'
import { type ObjectFile, type ObjectSection, sectionsWithRole } from './object-file'
import { UniqueNames } from './unique-names'

/** Where a function is, before its code is looked at. */
export interface FunctionRange extends Pick<FunctionSpec, 'name' | 'linkage' | 'hidden'> {
  readonly section: ObjectSection
  /** Bytes from the start of the section. */
  readonly offset: number
  /** Bytes; a multiple of 8, never 0. */
  readonly size: number
}

/** The functions of all code sections, by section and offset. @throws ObjectError */
export function findFunctions(file: ObjectFile): FunctionRange[] {
  const names = new UniqueNames()
  return sectionsWithRole(file, 'code').flatMap(section => rangesOf(section).map(range => ({ ...range, name: names.take(range) })))
}

function rangesOf(section: ObjectSection): FunctionRange[] {
  const symbols = entrySymbols(section)
  if (symbols.length === 0)
    return [checked({ section, name: section.name, offset: 0, size: section.size, linkage: 'global', hidden: false })]
  const places = [...groupBy(symbols, symbol => startOf(symbol, section))]
  const ranges: FunctionRange[] = []
  let end = 0
  for (const [index, [offset, aliases]] of places.entries()) {
    const given = aliases.reduce((largest, { size }) => Math.max(largest, Number(size)), 0)
    // Without a size it is a mere label when it is inside another function, and else it reaches up to the next.
    if (given === 0 && offset < end) continue
    const size = given || (places[index + 1]?.[0] ?? section.size) - offset
    for (const symbol of aliases) {
      ranges.push(checked({ section, name: symbol.name, offset, size: Number(symbol.size) || size, ...linkageOf(symbol) }))
    }
    end = Math.max(end, offset + size)
  }
  refuseOverlaps(ranges)
  return ranges
}

/**
 * Symbols that start a function. Compilers before LLVM 7 give functions no type and no size; their global symbols do,
 * and where there are none the section is the function.
 */
function entrySymbols(section: ObjectSection): readonly ElfSymbol[] {
  const functions = section.symbols.filter(({ type }) => type === SymbolType.Function)
  if (functions.length > 0) return functions
  return section.symbols.filter(({ type, binding }) => type === SymbolType.None && binding !== SymbolBinding.Local)
}

function startOf(symbol: ElfSymbol, section: ObjectSection): number {
  const start = Number(symbol.value)
  if (fits(start, Number(symbol.size), section.size)) return start
  const message = `function "${symbol.name}" (${symbol.size} bytes at ${place(section.name, symbol.value)}) crosses the end of its section`
  throw functionError(message, section.name, start, symbol.name)
}

function checked(range: FunctionRange): FunctionRange {
  const { section, name, offset, size } = range
  if (size > 0 && size % SLOT_SIZE === 0 && offset % SLOT_SIZE === 0) return range
  const message = `function "${name}" at ${place(section.name, offset)} has ${size} bytes: no whole number of instructions`
  throw functionError(message, section.name, offset, name)
}

/** Aliases cover the same bytes; anything else that overlaps is no compiler's output, and calls into it are ambiguous. */
function refuseOverlaps(ranges: readonly FunctionRange[]): void {
  let previous: FunctionRange | undefined
  for (const range of ranges) {
    if (previous !== undefined && range.offset < previous.offset + previous.size && !sameBytes(range, previous)) {
      const message = `functions "${previous.name}" and "${range.name}" overlap at ${place(range.section.name, range.offset)}`
      throw functionError(message, range.section.name, range.offset, range.name)
    }
    previous = range
  }
}

const sameBytes = (a: FunctionRange, b: FunctionRange): boolean => a.offset === b.offset && a.size === b.size

function linkageOf({ binding, visibility }: ElfSymbol): Pick<FunctionSpec, 'linkage' | 'hidden'> {
  const linkage = binding === SymbolBinding.Local ? 'static' : binding === SymbolBinding.Weak ? 'weak' : 'global'
  return { linkage, hidden: visibility === SymbolVisibility.Hidden || visibility === SymbolVisibility.Internal }
}

function functionError(message: string, section: string, offset: number, symbol: string): ObjectError {
  return new ObjectError('ERR_BPF_OBJECT_FUNCTION', message, { section, offset, symbol })
}
