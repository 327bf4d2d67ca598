import { commonOptions } from '../args'
import { type App, type Command, type CommandGroup, isGroup, type OptionSpec } from '../command'

/** A command with the words that call it: `['prog', 'list']`. */
export interface Entry {
  readonly words: readonly string[]
  readonly command: Command
  /** With the common ones, in the order of the help. */
  readonly options: readonly (readonly [name: string, spec: OptionSpec])[]
}

export function entriesOf({ commands }: App): Entry[] {
  return commands.flatMap(each => (isGroup(each) ? entriesOfGroup(each) : [entryOf([each.name], each)]))
}

export function entriesOfGroup(group: CommandGroup): Entry[] {
  return group.commands.map(command => entryOf([group.name, command.name], command))
}

export function entryOf(words: readonly string[], command: Command): Entry {
  return { words, command, options: Object.entries({ ...command.options, ...commonOptions }) }
}

/** Every word for a command: its name and its aliases. */
export function namesOf({ name, aliases = [] }: Command): string[] {
  return [name, ...aliases]
}

/** `--for DURATION`, `-v, --verbose`. */
export function flagText(name: string, { type, short, value }: OptionSpec): string {
  const long = type === 'string' ? `--${name} ${value ?? 'VALUE'}` : `--${name}`
  return short === undefined ? long : `-${short}, ${long}`
}

/** The description with what else the table says. */
export function fullDescription({ description, choices, multiple }: OptionSpec): string {
  return description + (choices ? `: ${choices.join(', ')}` : '') + (multiple ? ' (repeatable)' : '')
}
