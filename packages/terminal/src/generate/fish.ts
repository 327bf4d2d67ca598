import { type App, isGroup, type OptionSpec } from '../command'
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
    return options.map(([name, spec]) => line(`__fish_seen_subcommand_from ${group}${own}`, optionText(name, spec)))
  })
  return [
    `# Completion of ${app.name} for fish. For this shell: ${app.name} completion fish | source`,
    ...first,
    ...inGroups,
    ...options,
    '',
  ].join('\n')
}

function optionText(name: string, { type, short, choices, description }: OptionSpec): string {
  const value = type === 'boolean' ? '' : choices ? ` -x -a ${quote(choices.join(' '))}` : ' -r'
  return `${short ? `-s ${short} ` : ''}-l ${name}${value} -d ${quote(description)}`
}

const quote = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`
