import { toHex } from '@bpf/bytes'
import { PseudoSource } from './constants'
import { decode, type LocatedInstruction } from './decode'
import { type FormatOptions, formatInstruction } from './format'
import { type Instruction, slotsOf } from './instruction'
import { SLOT_SIZE } from './slots'

export interface DisassembleOptions extends Pick<FormatOptions, 'alu32' | 'helperNames'> {
  readonly littleEndian: boolean
  /** Names of functions and other places, by slot. Targets of jumps and calls that have none are called L1, L2, … */
  readonly label?: (slot: number) => string | undefined
  /** What an instruction refers to, such as a map, a variable or a kernel function; written after it in angle brackets. */
  readonly note?: (slot: number, instruction: Instruction) => string | undefined
  /** Source text that begins at a slot; written before it as `; text`, one line each. */
  readonly source?: (slot: number) => string | undefined
  /** Jump by label (`goto L1`), which allows editing, instead of by distance with the label beside it (`goto +0x5 <L1>`). */
  readonly symbolic?: boolean
  /** Columns to the left, as llvm-objdump has them: the slot, or the slot and its bytes. Such text is for reading only. */
  readonly columns?: 'none' | 'slots' | 'bytes'
}

/** A line of a disassembly. A label or source line stands before the instruction at its slot. */
export interface DisassembledLine {
  readonly kind: 'label' | 'source' | 'instruction'
  readonly slot: number
  /** How many slots it takes: 0 for labels and source lines. */
  readonly slots: 0 | 1 | 2
  readonly text: string
}

/**
 * A program as text in the syntax of clang and llvm-objdump. Without `columns`, `assemble` makes the same bytes of it.
 *
 * @throws CodeSizeError
 */
export function disassemble(code: Uint8Array, options: DisassembleOptions): string {
  const { columns = 'none' } = options
  const layout = { label: '', source: '; ', instruction: columns === 'none' ? '  ' : '' }
  const lines = disassembleLines(code, options).map(line => {
    const column = line.kind === 'instruction' && columns !== 'none' ? leftColumns(code, line, columns === 'bytes') : ''
    return `${layout[line.kind]}${column}${line.text}\n`
  })
  return lines.join('')
}

/** The same as lines with their slots, for callers with a layout of their own. @throws CodeSizeError */
export function disassembleLines(code: Uint8Array, options: DisassembleOptions): DisassembledLine[] {
  const located = decode(code, options.littleEndian)
  const labels = labelsOf(located, options.label)
  const lines: DisassembledLine[] = []
  for (const { slot, instruction } of located) {
    const label = labels.get(slot)
    if (label !== undefined) lines.push({ kind: 'label', slot, slots: 0, text: `${label}:` })
    for (const text of options.source?.(slot)?.split(/\r?\n/) ?? []) lines.push({ kind: 'source', slot, slots: 0, text })
    lines.push({ kind: 'instruction', slot, slots: slotsOf(instruction), text: instructionText(slot, instruction, labels, options) })
  }
  return lines
}

/** The slot that an instruction jumps to, calls or takes the address of; undefined for all others. */
export function targetOf(slot: number, instruction: Instruction): number | undefined {
  if ('distance' in instruction) return slot + 1 + instruction.distance
  if (instruction.kind !== 'loadImm64' || instruction.pseudo !== PseudoSource.FUNC) return undefined
  return slot + 1 + Number(BigInt.asIntN(32, instruction.value))
}

function instructionText(slot: number, instruction: Instruction, labels: ReadonlyMap<number, string>, options: DisassembleOptions): string {
  const { alu32 = false, helperNames = false, littleEndian, symbolic = false } = options
  const target = targetOf(slot, instruction)
  const label = target === undefined ? undefined : labels.get(target)
  const note = options.note?.(slot, instruction) ?? (symbolic ? undefined : label)
  const text = formatInstruction(instruction, { alu32, helperNames, littleEndian, note, label: symbolic ? label : undefined })
  return instruction.kind === 'invalid' ? `${text} # ${instruction.reason}` : text
}

/** A label for each named slot and each target, all different, and only where an instruction begins. */
function labelsOf(located: readonly LocatedInstruction[], nameOf: DisassembleOptions['label']): ReadonlyMap<number, string> {
  const targets = new Set(located.map(({ slot, instruction }) => targetOf(slot, instruction)))
  const labels = new Map<number, string>()
  const used = new Set<string>()
  const add = (slot: number, label: string): void => {
    labels.set(slot, label)
    used.add(label)
  }
  for (const { slot } of located) {
    const name = nameOf?.(slot)
    if (name === undefined) continue
    let unique = name
    while (used.has(quoted(unique))) unique = `${unique}.${slot}`
    add(slot, quoted(unique))
  }
  let count = 0
  for (const { slot } of located) {
    if (!targets.has(slot) || labels.has(slot)) continue
    do count++
    while (used.has(`L${count}`))
    add(slot, `L${count}`)
  }
  return labels
}

/** As the assembler wants a label that is no identifier. */
const quoted = (name: string): string => (/^[A-Za-z_.$][\w.$]*$/.test(name) ? name : `"${name.replace(/["\\\p{C}]/gu, '_')}"`)

function leftColumns(code: Uint8Array, { slot, slots }: DisassembledLine, bytes: boolean): string {
  const number = `${String(slot).padStart(8)}:\t`
  if (!bytes) return number
  return `${number}${toHex(code.subarray(slot * SLOT_SIZE, (slot + slots) * SLOT_SIZE)).replace(/..(?=.)/g, '$& ')}\t`
}
