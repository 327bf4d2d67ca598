import type { CallStep, CoreStep, Field, LinkStep, ReferenceStep } from '@bpf/object'
import type { Io, Style } from '@bpf/terminal'
import { fileName } from '../file-name'

/** A line, all of it in one style. */
export interface Styled {
  readonly style: Style
  readonly text: string
}
export type Line = string | Styled

const dim = (text: string): Styled => ({ style: 'dim', text })

/** `type         1  BPF_MAP_TYPE_HASH` */
export function field({ name, value, meaning }: Field): string {
  return `${name.padEnd(12)} ${value}${meaning === undefined ? '' : `  ${meaning}`}`
}

/** The call as strace would print it, broken before it gets too wide, and what it is good for. */
export function callText({ command, attributes, purpose }: CallStep, io: Io): Line[] {
  const width = Math.max(60, Math.min(io.columns(), 120)) - 6
  const lines: string[] = []
  let line = `bpf(${command}, {`
  for (const [i, { name, value }] of attributes.entries()) {
    const part = `${name}=${value}${i === attributes.length - 1 ? '})' : ', '}`
    if (line.length + part.length > width) {
      lines.push(line.trimEnd())
      line = '    '
    }
    line += part
  }
  return [...lines, line, dim(`  ${purpose}`)]
}

/** Where each function of a program went. */
export function codeLines({ functions, slots }: LinkStep): string[] {
  return [`linked with what it calls, ${slots} slots: ${functions.map(({ name, slot }) => `${name} at ${slot}`).join(', ')}`]
}

/** Every changed instruction under the source line that it belongs to. */
export function relocationLines(steps: readonly (ReferenceStep | CoreStep)[]): Line[] {
  const lines: Line[] = []
  let source = ''
  for (const step of steps.toSorted((a, b) => a.slot - b.slot)) {
    const place = step.source === undefined ? '' : placeOf(step.source)
    if (place !== source && place !== '') lines.push({ style: 'cyan', text: `; ${place}` })
    source = place
    lines.push(...(step.kind === 'core' ? coreLines(step) : referenceLines(step)))
  }
  return lines
}

/** `execsnoop.bpf.c:77: struct task_struct *task = …`; some compilers leave the text out. */
function placeOf({ file, line, text }: NonNullable<ReferenceStep['source']>): string {
  const place = `${fileName(file)}:${line}`
  return text === '' ? place : `${place}: ${text}`
}

function referenceLines({ slot, refersTo, before, after, explanation }: ReferenceStep): Line[] {
  const why = after === undefined ? refersTo : explanation
  return [change(slot, before, after), dim(`${indent}${why}`)]
}

function coreLines({ slot, question, path, before, after, candidates, instructionBefore, instructionAfter }: CoreStep): Line[] {
  const answer = before === undefined ? '' : `: ${before} → ${after ?? 'not there'}`
  const verdicts = candidates.map(({ name, typeId, where, mismatch }) => {
    return `${indent}  [${typeId}] ${name} of ${where}: ${mismatch ?? 'matches'}`
  })
  return [change(slot, instructionBefore, instructionAfter), `${indent}CO-RE ${question} of ${path}${answer}`, ...verdicts.map(dim)]
}

const indent = ' '.repeat(6)

/** `  12: r1 = 0x0 ll  →  r1 = map_fd(events) ll` */
function change(slot: number, before: string, after: string | undefined): string {
  const result = after === undefined ? '' : before === after ? '  (stays)' : `  →  ${after}`
  return `${String(slot).padStart(4)}: ${before}${result}`
}
