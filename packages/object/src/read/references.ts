import { fits } from '@bpf/bytes'
import { type ElfRelocation, type ElfSymbol, readRelocations, SectionIndex } from '@bpf/elf'
import { getImm, getOpcode, getSrc, isCall, isLdImm64, PseudoCall, SLOT_SIZE } from '@bpf/insn'
import { ObjectError, place } from '../object-error'
import type { Reference } from '../spec'
import { isExtern } from './extern-symbol'
import type { FunctionIndex } from './function-index'
import { contentsOf, type ObjectFile, type ObjectSection, sectionOf } from './object-file'
import { relocationSections } from './relocation-sections'

/** A reference, before it is known which function its instruction belongs to. */
export interface PlacedReference {
  /** Of the instruction, in bytes from the start of the section. */
  readonly offset: number
  readonly target: ReferenceTarget
}

/** A `Reference` without its slot. */
export type ReferenceTarget = DistributiveOmit<Reference, 'slot'>
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** What the symbols of an object stand for. */
export interface Referents {
  readonly functions: FunctionIndex
  /** By symbol index. */
  readonly externs: ReadonlyMap<number, string>
  /** The map that is defined at a place of a section. */
  readonly mapAt: (section: ObjectSection, offset: number) => string | undefined
  /** The map that holds a section's variables. */
  readonly dataMapOf: (section: ObjectSection) => string | undefined
  /** The jump table at an offset of `.jumptables`. */
  readonly jumpTableAt: (offset: number) => { readonly name: string; readonly offset: number } | undefined
}

/**
 * The references of each code section that have relocations, by offset. Relocations outside of functions are passed over:
 * they are of weak functions that a linker dropped.
 *
 * The relocation's type is not looked at: compilers disagree about it, and instruction and symbol leave no doubt.
 * @throws ObjectError, ElfError
 */
export function readReferences(file: ObjectFile, referents: Referents): Map<ObjectSection, PlacedReference[]> {
  const references = new Map<ObjectSection, PlacedReference[]>()
  for (const { section, target } of relocationSections(file, 'code')) {
    const placed = references.get(target) ?? []
    references.set(target, placed)
    const code = contentsOf(file, target)
    for (const relocation of readRelocations(file.elf, section)) {
      const instruction = checkedInstruction(file, target, code, relocation)
      if (referents.functions.at(target.index, relocation.offset) === undefined) continue
      placed.push({ offset: relocation.offset, target: resolve(file, referents, instruction) })
    }
    placed.sort((a, b) => a.offset - b.offset)
    refuseDuplicates(target, placed)
  }
  return references
}

/** The sections that code refers to, by index. @throws ElfError */
export function referencedSections(file: ObjectFile): Set<number> {
  const sections = new Set<number>()
  for (const { section } of relocationSections(file, 'code')) {
    for (const { symbolIndex } of readRelocations(file.elf, section)) sections.add(file.symbols[symbolIndex]?.sectionIndex ?? 0)
  }
  return sections
}

/** An instruction with a relocation. */
interface Instruction {
  readonly section: ObjectSection
  readonly offset: number
  readonly opcode: number
  readonly src: number
  /** What is added to the symbol's value; calls count in slots, from the next one. */
  readonly addend: number
  readonly symbol: ElfSymbol
}

function checkedInstruction(file: ObjectFile, section: ObjectSection, code: Uint8Array, relocation: ElfRelocation): Instruction {
  const { offset, symbolIndex } = relocation
  const symbol = file.symbols[symbolIndex]
  if (symbol === undefined) {
    throw relocationError(section, offset, `symbol ${symbolIndex} does not exist (there are ${file.symbols.length})`)
  }
  if (symbol.sectionIndex >= file.sections.length) {
    throw relocationError(section, offset, `symbol "${symbol.name}" is in section ${symbol.sectionIndex}, which does not exist`, symbol)
  }
  if (offset % SLOT_SIZE !== 0 || !fits(offset, SLOT_SIZE, code.length))
    throw relocationError(section, offset, 'there is no instruction here', symbol)
  const slot = offset / SLOT_SIZE
  const opcode = getOpcode(code, slot)
  const addend = relocation.addend === undefined ? getImm(code, slot, file.littleEndian) : Number(relocation.addend)
  return { section, offset, opcode, src: getSrc(code, slot, file.littleEndian), addend, symbol }
}

function resolve(file: ObjectFile, referents: Referents, instruction: Instruction): ReferenceTarget {
  const { section, offset, opcode, symbol } = instruction
  const call = isCall(opcode)
  if (!call && !isLdImm64(opcode)) {
    throw relocationError(
      section,
      offset,
      `"${symbol.name}" is used by an instruction (opcode 0x${opcode.toString(16)}) that is neither a call nor a 64-bit load`,
      symbol,
    )
  }
  const extern = referents.externs.get(symbol.index)
  if (isExtern(symbol) && extern !== undefined) return { kind: 'extern', extern, call }
  const defining = sectionOf(file, symbol)
  if (defining === undefined) throw undefinedSymbol(instruction)
  return call ? resolveCall(referents, instruction, defining) : resolveAddress(referents, instruction, defining)
}

function resolveCall({ functions }: Referents, instruction: Instruction, defining: ObjectSection): ReferenceTarget {
  const { section, offset, src, addend, symbol } = instruction
  if (src !== PseudoCall.CALL)
    throw relocationError(section, offset, `the call of "${nameOf(symbol, defining)}" is not marked as a call of a function`, symbol)
  const callee = functions.at(defining.index, Number(symbol.value) + (addend + 1) * SLOT_SIZE)
  if (callee === undefined)
    throw relocationError(section, offset, `it calls ${describe(symbol, defining)}, where there is no function`, symbol)
  return { kind: 'function', function: callee.range.name, offset: callee.offset, address: false }
}

function resolveAddress(referents: Referents, instruction: Instruction, defining: ObjectSection): ReferenceTarget {
  const { section, offset, symbol, addend } = instruction
  const value = Number(symbol.value) + addend
  const target = addressTarget(referents, defining, value)
  if (target !== undefined) return target
  throw relocationError(section, offset, `it refers to ${describe(symbol, defining)}, which is no map, variable or function`, symbol)
}

function addressTarget(
  { functions, mapAt, dataMapOf, jumpTableAt }: Referents,
  defining: ObjectSection,
  value: number,
): ReferenceTarget | undefined {
  if (defining.role === 'code') {
    const pointee = functions.at(defining.index, value)
    return pointee && { kind: 'function', function: pointee.range.name, offset: pointee.offset, address: true }
  }
  if (defining.role === 'jumpTables') {
    const table = jumpTableAt(value)
    return table && { kind: 'jumpTable', table: table.name, offset: value - table.offset }
  }
  const map = mapAt(defining, value)
  if (map !== undefined) return { kind: 'map', map }
  const dataMap = dataMapOf(defining)
  // An address may be outside of the section, as `&array[-1]` is, but not of what an instruction can hold.
  const isPossible = value >= -(2 ** 31) && value < 2 ** 32
  return dataMap === undefined || !isPossible ? undefined : { kind: 'mapValue', map: dataMap, offset: value }
}

function refuseDuplicates(section: ObjectSection, placed: readonly PlacedReference[]): void {
  const second = placed.find(({ offset }, index) => index > 0 && placed[index - 1]?.offset === offset)
  if (second !== undefined) throw relocationError(section, second.offset, 'there are two relocations for one instruction')
}

function nameOf(symbol: ElfSymbol, defining: ObjectSection): string {
  return symbol.name || defining.name
}

function describe(symbol: ElfSymbol, defining: ObjectSection): string {
  return symbol.name ? `"${symbol.name}" in section ${defining.name}` : `section ${defining.name}`
}

function undefinedSymbol({ section, offset, symbol }: Instruction): ObjectError {
  const common = symbol.sectionIndex === SectionIndex.Common
  const cause = `"${symbol.name}" is ${common ? 'a variable without a place' : 'not defined in any section'}`
  return relocationError(section, offset, cause, symbol, common ? 'Compile with -fno-common, or initialise the variable.' : undefined)
}

function relocationError({ name: section }: ObjectSection, offset: number, cause: string, symbol?: ElfSymbol, hint?: string): ObjectError {
  const message = `relocation at ${place(section, offset)}: ${cause}`
  return new ObjectError('ERR_BPF_OBJECT_RELOCATION', message, { section, offset, symbol: symbol?.name, hint })
}
