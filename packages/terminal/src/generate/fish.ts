import { type App, isGroup, type OptionSpec } from '../command'
import { completeCommand } from '../complete'
import { entriesOf, namesOf } from './entries'

/** The completion script for fish, a line a command and option. */
export function fishCompletion(app: App): string {
  const line = (condition: string, rest: string) => `complete -c ${app.name} -n ${quote(condition)} ${rest}`
  const first = app.commands.map(({ name, summary }) => line('__fish_use_subcommand', `-a ${name} -d ${quote(summary)}`))
  const inGroups = app.commands.flatMap(each => {
    if (!isGroup(each)) return []
    const seen = `__fish_seen_subcommand_from ${each.name}; and not __fish_seen_subcommand_from ${each.commands.flatMap(namesOf).join(' ')}`
    return each.commands.map(({ name, summary }) => line(seen, `-f -a ${name} -d ${quote(summary)}`))
  })
  const options = entriesOf(app).flatMap(({ words, command, options }) => {
    const [group, ...rest] = words
    const own = rest.length === 0 ? '' : `; and __fish_seen_subcommand_from ${namesOf(command).join(' ')}`
    const isFileCommand = rest.length === 0 && group === app.fileCommand
    const condition = `__fish_seen_subcommand_from ${group}${own}${isFileCommand ? `; or __${app.name}_file` : ''}`
    const operands = command.complete ? [line(condition, `-a ${quote(asked(app))}`)] : []
    return [...operands, ...options.map(([name, spec]) => line(condition, optionText(app, name, spec)))]
  })
  return [
    `# Completion of ${app.name} for fish. For this shell: ${app.name} completion fish | source`,
    ...functions(app),
    ...first,
    ...inGroups,
    ...options,
    '',
  ].join('\n')
}

/** One asks the command for what only the rest of the line tells, one tells whether a file stands in the command's place. */
function functions({ name }: App): string[] {
  return [
    `function __${name}_ask`,
    '  set -l words (commandline -opc)',
    `  $words[1] ${completeCommand} $words[2..-1] (commandline -ct) 2>/dev/null`,
    'end',
    `function __${name}_file`,
    '  set -l words (commandline -opc)',
    "  string match -qr '[./]' -- $words[2]",
    'end',
  ]
}

const asked = ({ name }: App): string => `(__${name}_ask)`

function optionText(app: App, name: string, { type, short, choices, complete, description }: OptionSpec): string {
  const offered = complete ? asked(app) : choices?.join(' ')
  const value = type === 'boolean' ? '' : offered === undefined ? ' -r' : ` -x -a ${quote(offered)}`
  return `${short ? `-s ${short} ` : ''}-l ${name}${value} -d ${quote(description)}`
}

const quote = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`
