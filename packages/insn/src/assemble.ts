import { nearNames } from '@bpf/bytes'
import { parseDirective } from './asm-directive'
import { AsmError } from './asm-error'
import { LabelTable } from './asm-labels'
import { type Token, tokenize } from './asm-lexer'
import type { ParsedInstruction, SymbolUse } from './asm-parsed'
import { TokenReader } from './asm-reader'
import { parseInstruction } from './asm-statement'
import { PseudoSource } from './constants'
import { toSlots } from './encode'
import { helperId, helperNames } from './helpers'
import { type Instruction, slotsOf } from './instruction'
import { SLOT_SIZE, writeSlot } from './slots'

export interface AssembleOptions {
  readonly littleEndian: boolean
  /** Leave calls and addresses of names that are not defined here as `references`, as an object file does, instead of failing. */
  readonly externs?: boolean
}

/** A call or a 64-bit immediate of a name that is not defined in the text. */
export interface AsmReference {
  readonly slot: number
  readonly symbol: string
  readonly kind: 'call' | 'address'
}

export interface Assembly {
  readonly code: Uint8Array
  /** Slot of each label, also of those at the end of the code. Numeric labels are not among them. */
  readonly labels: ReadonlyMap<string, number>
  /** In order of slots; only with `externs`. A call has `src` 1 and `imm` -1, an address is 0. */
  readonly references: readonly AsmReference[]
  /** Line of the text, counted from 1, of each instruction. */
  readonly lines: readonly { readonly slot: number; readonly line: number }[]
}

/**
 * Code from text in the syntax of clang's inline assembly and of `disassemble`, with labels.
 *
 * Beyond clang, `call NAME` calls a helper unless a label has that name, `r1 = LABEL ll` takes the address of a function of
 * the program, and there are the forms that `formatInstruction` describes. Numbers that do not fit are errors, not cut.
 *
 * @throws AsmError
 */
export function assemble(text: string, { littleEndian, externs = false }: AssembleOptions): Assembly {
  const { items, labels, slots } = parse(text, littleEndian)
  const code = new Uint8Array(slots * SLOT_SIZE)
  const references: AsmReference[] = []
  for (const { slot, content } of items) {
    if (content instanceof Uint8Array) {
      code.set(content, slot * SLOT_SIZE)
      continue
    }
    const resolved = resolve(slot, content, labels, externs)
    if (resolved.reference !== undefined) references.push(resolved.reference)
    for (const [i, fields] of toSlots(resolved.instruction).entries()) writeSlot(code, slot + i, fields, littleEndian)
  }
  return { code, labels: labels.named, references, lines: items.map(({ slot, line }) => ({ slot, line })) }
}

interface Item {
  readonly slot: number
  readonly line: number
  readonly content: ParsedInstruction | Uint8Array
}

function parse(text: string, littleEndian: boolean): { items: readonly Item[]; labels: LabelTable; slots: number } {
  const reader = new TokenReader(tokenize(text))
  const labels = new LabelTable()
  const items: Item[] = []
  let slots = 0
  while (!reader.done) {
    const token = reader.peek()
    if (token.kind === 'end') reader.next()
    else if (isLabel(token) && reader.peek(1).text === ':') {
      labels.define(reader.next(), slots)
      reader.next()
    } else {
      const content = token.text.startsWith('.') ? parseDirective(reader, littleEndian) : parseInstruction(reader)
      if (!(content instanceof Uint8Array && content.length === 0)) items.push({ slot: slots, line: token.line, content })
      slots += content instanceof Uint8Array ? content.length / SLOT_SIZE : slotsOf(content.instruction)
    }
  }
  return { items, labels, slots }
}

const isLabel = ({ kind }: Token): boolean => kind === 'name' || kind === 'label' || kind === 'number'

/** The instruction with its symbol's place filled in, or as a compiler leaves it to a linker. */
function resolve(slot: number, { instruction, symbol }: ParsedInstruction, labels: LabelTable, externs: boolean): Resolved {
  if (symbol === undefined) return { instruction }
  const { token, use } = symbol
  const target = labels.find(token, slot)
  if (target !== undefined) return { instruction: withDistance(instruction, target - slot - 1, token) }
  const id = use === 'call' && token.kind === 'name' ? helperId(token.text) : undefined
  if (id !== undefined) return { instruction: { kind: 'callHelper', id } }
  if (!externs || use === 'jump') throw undefinedSymbol(symbol, labels)
  const reference = { slot, symbol: token.text, kind: use }
  return { instruction: use === 'call' ? { kind: 'callFunction', distance: -1 } : instruction, reference }
}

interface Resolved {
  readonly instruction: Instruction
  readonly reference?: AsmReference
}

function withDistance(instruction: Instruction, distance: number, token: Token): Instruction {
  if (instruction.kind === 'loadImm64') {
    return { ...instruction, pseudo: PseudoSource.FUNC, value: BigInt(distance >>> 0) }
  }
  const isShort = instruction.kind !== 'callFunction' && !(instruction.kind === 'goto' && instruction.long)
  if (isShort && (distance < -0x8000 || distance > 0x7fff)) {
    throw new AsmError(token, `"${token.text}" is ${distance} slots away, which does not fit in 16 bits`, 'gotol reaches further')
  }
  return 'distance' in instruction ? { ...instruction, distance } : instruction
}

function undefinedSymbol({ token, use }: SymbolUse, labels: LabelTable): AsmError {
  const what = { jump: 'label', call: 'function', address: 'symbol' }[use]
  const known = use === 'call' ? [...labels.named.keys(), ...helperNames()] : labels.named.keys()
  const near = nearNames(token.text, known)
  return new AsmError(token, `undefined ${what} "${token.text}"`, near.length === 0 ? undefined : `did you mean ${near.join(' or ')}?`)
}
