import { type Io, wrapWords } from '@bpf/terminal'
import { type ListColumn, nothing, printTable } from '../objects/print'
import type { AgainstDocument, AnsweredRequirement } from './against'
import type { Answers, FeatureDocument } from './document'

const groups = [
  ['program types', 'programTypes'],
  ['map types', 'mapTypes'],
  ['map flags', 'mapFlags'],
  ['attach types', 'attachTypes'],
  ['link types', 'linkTypes'],
  ['abilities', 'abilities'],
] as const satisfies readonly (readonly [string, keyof FeatureDocument])[]

/** A group a kind of thing: what is there, what is not, what could not be told. */
export function printFeatures(document: FeatureDocument, io: Io): void {
  io.out(`${io.style('bold', `Linux ${document.kernel}`)}  ${io.style('dim', document.arch)}`)
  for (const [title, key] of groups) printAnswers(title, document[key], io)
  printKconfig(document, io)
  for (const [type, names] of Object.entries(document.helpers ?? {})) {
    printTitle(`helpers of ${type}`, `${names.length}`, io)
    for (const line of wrapWords(names, io.columns() - 2)) io.out(`  ${line}`)
  }
}

function printAnswers(title: string, answers: Answers, io: Io): void {
  const named = (answer: boolean | null) => Object.keys(answers).filter(name => answers[name] === answer)
  printTitle(title, `${named(true).length} of ${Object.keys(answers).length}`, io)
  printWords(io.style('green', 'has'), 'has', named(true), io)
  printWords(io.style('red', 'lacks'), 'lacks', named(false), io)
  printWords(io.style('yellow', 'unknown'), 'unknown', named(null), io)
}

function printKconfig({ kconfig }: FeatureDocument, io: Io): void {
  if (kconfig === null) {
    printTitle('configuration', 'cannot be read', io)
    return
  }
  const entries = Object.entries(kconfig)
  const set = entries.filter(([, value]) => value !== null)
  printTitle('configuration', `${set.length} of ${entries.length} set`, io)
  const plain = (name: string) => name.replace('CONFIG_', '')
  printWords(
    io.style('green', 'set'),
    'set',
    set.map(([name, value]) => `${plain(name)}=${value}`),
    io,
  )
  printWords(
    io.style('red', 'unset'),
    'unset',
    entries.filter(([, value]) => value === null).map(([name]) => plain(name)),
    io,
  )
}

function printTitle(title: string, detail: string, io: Io): void {
  io.out('')
  io.out(`${io.style('bold', title)}  ${io.style('dim', detail)}`)
}

const labelWidth = 9

function printWords(label: string, plainLabel: string, words: readonly string[], io: Io): void {
  const lines = wrapWords(words, io.columns() - labelWidth - 2)
  for (const [i, line] of lines.entries()) {
    const head = i === 0 ? label + ' '.repeat(labelWidth - plainLabel.length) : ' '.repeat(labelWidth)
    io.out(`  ${head}${line}`)
  }
}

function requirementColumns(io: Io): readonly ListColumn<AnsweredRequirement>[] {
  return [
    { title: 'HERE', keep: 'all', cell: requirement => mark(requirement, io) },
    { title: 'KIND', keep: 'all', cell: ({ kind }) => kind },
    { title: 'NAME', cell: ({ name }) => name },
    { title: 'SINCE', cell: ({ since }) => since ?? nothing },
    { title: 'USED BY', keep: 'items', cell: ({ users }) => users.join(', ') },
  ]
}

/** What is missing first. */
export function printAgainst({ object, kernel, fits, requirements }: AgainstDocument, io: Io): void {
  const rank = ({ has }: AnsweredRequirement) => (has === false ? 0 : has === null ? 1 : 2)
  printTable(
    requirementColumns(io),
    requirements.toSorted((a, b) => rank(a) - rank(b)),
    io,
  )
  const count = (answer: boolean | null) => requirements.filter(({ has }) => has === answer).length
  const untold = count(null) > 0 ? `; ${count(null)} could not be told` : ''
  io.note('')
  io.note(
    `${object}: Linux ${kernel} ${fits ? 'lacks nothing' : `lacks ${count(false)}`} of the ${requirements.length} things it needs${untold}`,
  )
}

function mark({ has, by }: AnsweredRequirement, io: Io): string {
  if (has === null) return io.style('yellow', '? unknown')
  const how = by === 'version' ? ' by version' : ''
  return has ? `${io.style('green', '✓')} yes${how}` : `${io.style('red', '✗')} no${how}`
}
