import { SectionFlag, SectionType } from '@bpf/elf'
import { contentsOf, type ObjectSection } from '../read/object-file'
import { linkError } from './link-error'
import type { LinkInput } from './link-input'

/** A section of the output: all sections of its name, one behind the other. */
export interface OutputSection {
  readonly name: string
  /** Counting from 1, as symbols do. */
  readonly index: number
  readonly type: number
  readonly flags: number
  readonly entrySize: number
  alignment: number
  /** Bytes. */
  size: number
  /** Undefined for NOBITS. */
  bytes: Uint8Array | undefined
}

/** Where an input section went. */
export interface Placement {
  readonly output: OutputSection
  /** Bytes from the start of the output section. */
  readonly offset: number
}

export interface MergedSections {
  readonly sections: readonly OutputSection[]
  /** Sections that are not here were dropped: their symbols go with them. */
  readonly placements: ReadonlyMap<ObjectSection, Placement>
}

/** There can be one of each, so that all objects must agree. */
const sharedSections: ReadonlySet<string> = new Set(['license', 'version'])

/** @throws ObjectError for sections of one name that cannot be one */
export function mergeSections(inputs: readonly LinkInput[]): MergedSections {
  const outputs = new Map<string, OutputSection>()
  const placements = new Map<ObjectSection, Placement>()
  const shared = new Map<string, Uint8Array>()
  for (const input of inputs) {
    for (const section of input.sections) {
      const output = outputs.get(section.name) ?? newOutput(section, outputs.size + 1)
      outputs.set(section.name, output)
      checkCompatible(input, section, output)
      if (!isRepeated(input, section, shared)) placements.set(section, { output, offset: grow(output, section) })
    }
  }
  for (const output of outputs.values()) if (output.type !== SectionType.Nobits) output.bytes = new Uint8Array(output.size)
  for (const { file, sections } of inputs) {
    for (const section of sections) {
      const placement = placements.get(section)
      placement?.output.bytes?.set(contentsOf(file, section), placement.offset)
    }
  }
  return { sections: [...outputs.values()], placements }
}

function newOutput({ name, elf }: ObjectSection, index: number): OutputSection {
  const { type, flags, entrySize } = elf
  return { name, index, type, flags, entrySize, alignment: 1, size: 0, bytes: undefined }
}

function checkCompatible({ name: object }: LinkInput, { name, elf }: ObjectSection, output: OutputSection): void {
  for (const property of ['type', 'flags', 'entrySize'] as const) {
    if (elf[property] === output[property]) continue
    const message = `section ${name} has ${property} ${elf[property]}, in objects before it ${output[property]}`
    throw linkError(object, message, { section: name })
  }
}

/** Whether the section is one that there can be one of, and an object before this one had it. */
function isRepeated(input: LinkInput, section: ObjectSection, shared: Map<string, Uint8Array>): boolean {
  if (!sharedSections.has(section.name)) return false
  const bytes = contentsOf(input.file, section)
  const before = shared.get(section.name)
  shared.set(section.name, bytes)
  if (before === undefined) return false
  if (bytes.length === before.length && bytes.every((byte, index) => byte === before[index])) return true
  throw linkError(input.name, `section ${section.name} is not what it is in objects before it`, { section: section.name })
}

/** Makes room behind what is there. */
function grow(output: OutputSection, { size, elf }: ObjectSection): number {
  output.alignment = Math.max(output.alignment, elf.alignment)
  const offset = Math.ceil(output.size / output.alignment) * output.alignment
  output.size = offset + size
  return offset
}

export const isCode = ({ type, flags }: OutputSection): boolean => type === SectionType.Progbits && (flags & SectionFlag.ExecInstr) !== 0
