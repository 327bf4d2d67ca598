import type { ExplainPhase, ExplainStep, Explanation } from '@bpf/object'
import { type Io, roomOf, wrapLine, wrapWords } from '@bpf/terminal'
import { printIndented } from '../objects/print'
import { callText, codeLines, field, type Line, relocationLines } from './print-step'

/** What a phase is about, for somebody who sees it for the first time. */
const phases: readonly (readonly [phase: ExplainPhase, title: string, about: string])[] = [
  [
    'read',
    'Read the object file',
    'The compiler left an ELF file. Nothing in it has addresses yet: code is in sections whose names say what kind of ' +
      'program it is and where it belongs; maps and variables are symbols; relocations tell which instructions use them.',
  ],
  [
    'create',
    'Create the maps',
    'Maps come first, since instructions name them by file descriptor. A data section is a map, too: of one element.',
  ],
  [
    'relocate',
    'Relocate the instructions',
    'Every instruction that refers to something gets its final value: functions that are called move behind the program, ' +
      'loads of maps get descriptors, and CO-RE relocations get the offsets, sizes and values that this kernel has.',
  ],
  ['load', 'Load the programs', 'Each is one system call, in which the kernel verifies the code and translates it.'],
  ['attach', 'Attach the programs', 'A loaded program does nothing until something calls it.'],
]

/** The story on stdout, a chapter a phase. */
export function printExplanation({ object, target, steps }: Explanation, io: Io): void {
  io.out(`${io.style('bold', `How ${object} is loaded`)}  ${io.style('dim', `on ${target}`)}`)
  for (const [index, [phase, title, about]] of phases.entries()) {
    io.out('')
    io.out(io.style('bold', `${index + 1}. ${title}`))
    for (const line of wrapWords(about.split(' '), proseWidth(io))) io.out(io.style('dim', indent + line))
    const own = steps.filter(step => step.phase === phase)
    if (own.length === 0) io.out('\n   nothing to do')
    else printers[phase](own, io)
  }
}

type Kind<K extends ExplainStep['kind']> = ExplainStep & { readonly kind: K }

function ofKind<K extends ExplainStep['kind']>(steps: readonly ExplainStep[], kind: K): Kind<K>[] {
  return steps.filter((step): step is Kind<K> => step.kind === kind)
}

const printers: Readonly<Record<ExplainPhase, (steps: readonly ExplainStep[], io: Io) => void>> = {
  read: printFile,
  create: printCalls,
  relocate: printCode,
  load: printCalls,
  attach: printAttach,
}

function printFile(steps: readonly ExplainStep[], io: Io): void {
  for (const { size, littleEndian, sections, symbols } of ofKind(steps, 'open'))
    block(io, [`ELF for BPF, ${littleEndian ? 'little' : 'big'}-endian, ${size} bytes, ${sections} sections, ${symbols} symbols`])
  const sections = ofKind(steps, 'section').map(({ index, name, size, meaning }) => [String(index), name || '-', String(size), meaning])
  io.out('')
  printIndented(['#', 'SECTION', 'BYTES', { title: 'WHAT IT IS', keep: 'lines' }], sections, io, indent)
  for (const { license, gplCompatible, version } of ofKind(steps, 'license')) {
    const rights = gplCompatible ? 'may call GPL-only helpers' : 'may not call GPL-only helpers'
    block(io, [
      license === '' ? `no license: it ${rights}` : `license ${JSON.stringify(license)}: it ${rights}`,
      ...(version === 0 ? [] : [`version ${version >>> 16}.${(version >>> 8) & 0xff}.${version & 0xff}`]),
    ])
  }
  const functions = ofKind(steps, 'function').map(({ name, section, slots, linkage, program }) => [
    name,
    section,
    String(slots),
    program === undefined ? `${linkage} function, called by programs` : [program.type, program.attachType].filter(Boolean).join(' '),
  ])
  if (functions.length > 0) {
    io.out('')
    printIndented(['FUNCTION', { title: 'SECTION', keep: 'end' }, 'SLOTS', { title: 'WHAT IT IS', keep: 'lines' }], functions, io, indent)
  }
  for (const { name, origin, fields } of ofKind(steps, 'map')) {
    block(io, [`map ${io.style('bold', name)}: ${origin}`, ...fields.map(each => `  ${field(each)}`)])
  }
}

function printCalls(steps: readonly ExplainStep[], io: Io): void {
  for (const call of ofKind(steps, 'call')) block(io, callText(call, io))
  for (const { program, message, hint } of ofKind(steps, 'failure')) {
    block(io, [`${io.style('red', `program ${program} cannot be loaded:`)} ${message}`, ...(hint ? [`  hint: ${hint}`] : [])])
  }
}

function printCode(steps: readonly ExplainStep[], io: Io): void {
  const programs = new Set(steps.flatMap(step => ('program' in step && typeof step.program === 'string' ? [step.program] : [])))
  for (const program of programs) {
    const own = steps.filter(step => 'program' in step && step.program === program)
    block(io, [`program ${io.style('bold', program)}`, ...ofKind(own, 'link').flatMap(codeLines)])
    print(io, relocationLines([...ofKind(own, 'reference'), ...ofKind(own, 'core')]), `${indent}  `)
  }
}

function printAttach(steps: readonly ExplainStep[], io: Io): void {
  for (const { program, target, calls, needs } of ofKind(steps, 'attach')) {
    const place = target === undefined ? '' : ` to ${target}`
    block(io, [
      `program ${io.style('bold', program)}${place}`,
      ...calls.map((call, i) => `  ${i === 0 ? '' : 'then '}${call}`),
      ...(needs === undefined ? [] : [`  the section does not say where: bpf start ${needs}`]),
    ])
  }
}

function block(io: Io, lines: readonly Line[]): void {
  io.out('')
  print(io, lines, indent)
}

/** Lines that are wider than the terminal go on below. */
function print(io: Io, lines: readonly Line[], margin: string): void {
  for (const line of lines) {
    const { text, style } = typeof line === 'string' ? { text: line, style: undefined } : line
    for (const part of wrapLine(text, roomOf(io) - margin.length)) io.out(margin + (style === undefined ? part : io.style(style, part)))
  }
}

const indent = '   '

/** Longer lines than that are hard to read, even where there is room. */
const widest = 120

function proseWidth(io: Io): number {
  return Math.min(roomOf(io), widest) - indent.length
}
