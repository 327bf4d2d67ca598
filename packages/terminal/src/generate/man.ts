import { type App, type CommandGroup, isGroup } from '../command'
import { type Entry, entriesOfGroup, entryOf, flagText, fullDescription } from './entries'

/** The manual page in roff's man(7) macros: `bpf man | man -l -`. */
export function manPage(app: App): string {
  const { name, summary, version, commands } = app
  return [
    `.TH ${name.toUpperCase()} 1 "" "${name} ${version}"`,
    '.SH NAME',
    `${name} \\- ${plain(summary)}`,
    '.SH SYNOPSIS',
    `.B ${name}`,
    '.I COMMAND',
    '[operands] [options]',
    ...(app.fileCommand === undefined ? [] : ['.br', `.B ${name}`, '.I OBJ']),
    '.SH COMMANDS',
    ...commands.flatMap(each => (isGroup(each) ? groupSection(each, name) : entrySection(entryOf([each.name], each), name))),
    '.SH EXIT STATUS',
    ...exitCodes.flatMap(([code, meaning]) => ['.TP', `.B ${code}`, meaning]),
    '.SH ENVIRONMENT',
    ...variables.flatMap(([variable, meaning]) => ['.TP', `.B ${variable}`, meaning]),
    '',
  ].join('\n')
}

export const exitCodes: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'done; also after Ctrl-C, once something was attached'],
  [1, 'failed'],
  [2, 'the command line is wrong'],
  [3, 'the verifier rejected a program'],
  [4, 'a privilege or a kernel feature is missing'],
]

export const variables: readonly (readonly [variable: string, meaning: string])[] = [
  ['NO_COLOR', 'no colours, also on a terminal'],
  ['FORCE_COLOR', 'colours, also into a pipe'],
  ['BPF_DEBUG', 'errors come with the place in the code where they were thrown'],
]

function groupSection(group: CommandGroup, app: string): string[] {
  return ['.SS', `.B ${app} ${group.name}`, plain(group.summary), ...entriesOfGroup(group).flatMap(entry => entrySection(entry, app))]
}

function entrySection({ words, command, options }: Entry, app: string): string[] {
  const usage = [app, ...words].join(' ')
  return [
    `.SS "${usage}${command.operands === '' ? '' : ` ${quoted(command.operands)}`}"`,
    plain(capital(command.summary)),
    ...options.flatMap(([name, spec]) => ['.TP', `.B ${plain(flagText(name, spec))}`, plain(fullDescription(spec))]),
    ...(command.examples.length === 0 ? [] : ['.PP', 'Examples:', '.nf', ...command.examples.map(example => plain(`  ${example}`)), '.fi']),
  ]
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

/** Backslashes and dashes mean something to roff, and so do dots and quotes at the start of a line. */
const plain = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1')

const quoted = (text: string): string => plain(text).replaceAll('"', '\\(dq')
