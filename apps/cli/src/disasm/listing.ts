import { BpfError, nearNames } from '@bpf/bytes'
import { corePath, kindName, type ObjectSpec, type ProgramPlan, type SlotCore } from '@bpf/object'
import { fileName } from '../file-name'
import { referenceTarget } from '../reference-target'

/** A line of source, and where it stands. */
export interface SourceLine {
  readonly text: string
  readonly file: string
  readonly line: number
  readonly column: number
}

/** Code with what is known about its slots. */
export interface Listing {
  readonly name: string
  readonly section: string
  readonly code: Uint8Array
  readonly littleEndian: boolean
  /** Functions by their first slot. */
  readonly functions: ReadonlyMap<number, string>
  /** What an instruction refers to, by slot. */
  readonly notes: ReadonlyMap<number, string>
  readonly source: ReadonlyMap<number, SourceLine>
}

/** A program or function as compiled; all of them without a name. @throws BpfError with near names */
export function compiledListings(spec: ObjectSpec, name: string | undefined): Listing[] {
  const wanted = name === undefined ? spec.functions : spec.functions.filter(fn => fn.name === functionOf(spec, name))
  if (wanted.length === 0 && name !== undefined) {
    const known = [...spec.programs, ...spec.functions].map(each => each.name)
    const near = nearNames(name, new Set(known))
    throw new BpfError('ERR_BPF_OBJECT_NO_SUCH', `there is no program or function "${name}" in this object`, {
      hint: near.length > 0 ? `did you mean ${near.map(each => `"${each}"`).join(' or ')}?` : undefined,
    })
  }
  return wanted.map(fn => ({
    name: fn.name,
    section: fn.section,
    code: fn.code,
    littleEndian: spec.littleEndian,
    functions: new Map([[0, fn.name]]),
    notes: notesOf([
      ...fn.references.map(reference => [reference.slot, referenceTarget(reference, spec)] as const),
      ...fn.coreRelocations.map(record => [record.slot, coreNote(spec, record)] as const),
    ]),
    source: sourceOf(
      fn.lineInfo.map(({ slot, lineOffset, fileNameOffset, line, column }) => [
        slot,
        readable({ text: spec.btf?.string(lineOffset) ?? '', file: spec.btf?.string(fileNameOffset) ?? '', line, column }),
      ]),
    ),
  }))
}

/** A program as the kernel gets it. */
export function linkedListing(program: ProgramPlan, littleEndian: boolean): Listing {
  const { name, section, code, functions, holes, core, poisoned, source } = program
  return {
    name,
    section,
    code,
    littleEndian,
    functions: new Map(functions.map(fn => [fn.slot, fn.name])),
    notes: notesOf([
      ...holes.map(hole => [hole.slot, hole.kind === 'moduleBtf' ? `BTF of ${hole.module}` : hole.map] as const),
      ...core.map(({ slot, path, before, after }) => [slot, `${path}: ${before} to ${after ?? 'nothing'}`] as const),
      ...poisoned.map(({ slot, explanation }) => [slot, explanation] as const),
    ]),
    source: sourceOf(source.map(({ slot, ...line }) => [slot, readable(line)])),
  }
}

function functionOf({ programs }: ObjectSpec, name: string): string {
  return programs.find(program => program.name === name)?.function ?? name
}

function notesOf(notes: readonly (readonly [slot: number, note: string])[]): ReadonlyMap<number, string> {
  const merged = new Map<number, string>()
  for (const [slot, note] of notes) merged.set(slot, merged.has(slot) ? `${merged.get(slot)}, ${note}` : note)
  return merged
}

/** Some compilers leave the text out: where it stands tells as much. */
function readable(source: SourceLine): SourceLine {
  return source.text === '' && source.file !== '' ? { ...source, text: `${fileName(source.file)}:${source.line}` } : source
}

/** Source lines by slot, each said once though the compiler repeats it. */
export function sourceOf(lines: readonly (readonly [slot: number, line: SourceLine])[]): ReadonlyMap<number, SourceLine> {
  const trimmed = lines.map(([slot, line]) => [slot, { ...line, text: line.text.trim() }] as const)
  // The compiler writes a line for each column that it comes to.
  return new Map(trimmed.filter(([, { text }], i) => text !== '' && text !== trimmed[i - 1]?.[1].text))
}

function coreNote({ btf }: ObjectSpec, record: SlotCore): string {
  return `${kindName(record.kind)} of ${btf === undefined ? `type ${record.typeId}` : corePath(btf, record)}`
}
