import type { Io } from './io'

/** One option as the parser, the help and the completion scripts see it. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  readonly multiple?: boolean
  /** Placeholder of the value in the help: `DURATION`. */
  readonly value?: string
  /** All there are, for the completion and the help; anything else is refused. */
  readonly choices?: readonly string[]
  /** Finds what it could be, for the completion, where only the rest of the line tells. */
  readonly complete?: Complete
  readonly description: string
}

/** What stands on the command line before the word that is being typed. */
export interface TypedLine {
  readonly positionals: readonly string[]
  readonly io: Io
}

/** Candidates for the word that is being typed. Whatever it throws is not shown. */
export type Complete = (line: TypedLine) => Promise<readonly string[]>

export type OptionSpecs = Readonly<Record<string, OptionSpec>>

type ValueOf<O extends OptionSpec> = O['type'] extends 'boolean' ? boolean : O['multiple'] extends true ? readonly string[] : string

/** What a command gets: boolean options are false, repeatable ones empty, the others undefined when absent. */
export type OptionValues<T extends OptionSpecs> = {
  readonly [K in keyof T]: T[K]['type'] extends 'boolean'
    ? boolean
    : T[K]['multiple'] extends true
      ? readonly string[]
      : ValueOf<T[K]> | undefined
}

/** A command line app: its commands, and what it does with a first argument that is none. */
export interface App {
  /** The binary: `bpf`. */
  readonly name: string
  readonly summary: string
  readonly version: string
  readonly commands: readonly (Command | CommandGroup)[]
  /** Runs when the first argument looks like a file: `bpf obj.o` is `bpf start obj.o`. */
  readonly fileCommand: string | undefined
  /** Understands options in front of a command, which another tool has there; returns what it does not understand as it is. */
  readonly translate?: (args: readonly string[]) => readonly string[]
}

export interface Invocation<T extends OptionSpecs> {
  /** For commands about the commands: completion, documentation. */
  readonly app: App
  readonly positionals: readonly string[]
  readonly options: OptionValues<T>
  readonly io: Io
}

export interface Command {
  /** In a group, the word behind the group's name: `list`. */
  readonly name: string
  /** Other words for the same: `show`. */
  readonly aliases?: readonly string[]
  readonly summary: string
  /** Behind the name in the usage line: `[OBJ]`. */
  readonly operands: string
  readonly maxOperands: number
  readonly options: OptionSpecs
  /** Finds what the next operand could be, for the completion; files unless given. */
  readonly complete?: Complete
  readonly examples: readonly string[]
  /** Returns the exit code. */
  readonly run: (invocation: Invocation<OptionSpecs>) => Promise<number>
}

/** Commands about one kind of thing: `bpf prog list`, `bpf prog dump`. */
export interface CommandGroup {
  readonly name: string
  /** Other words for the same: `struct_ops`. */
  readonly aliases?: readonly string[]
  readonly summary: string
  readonly commands: readonly Command[]
  /** The command that runs when none is named: `bpf prog` is `bpf prog list`. */
  readonly fallback: string
}

/** The entry that `word` names, perhaps by another word for it. */
export function findNamed<E extends { readonly name: string; readonly aliases?: readonly string[] }>(
  entries: readonly E[],
  word: string | undefined,
): E | undefined {
  return word === undefined ? undefined : entries.find(({ name, aliases }) => name === word || aliases?.includes(word))
}

export function isGroup(entry: Command | CommandGroup): entry is CommandGroup {
  return 'commands' in entry
}

/** What is no command may be a file: it has a dot or a slash. */
export function looksLikeFile(argument: string): boolean {
  return /[./]/.test(argument) && !argument.startsWith('-')
}

/** Ties the option table to the type of `options` in `run`. */
export function defineCommand<const T extends OptionSpecs>(
  command: Omit<Command, 'options' | 'run'> & { readonly options: T; readonly run: (invocation: Invocation<T>) => Promise<number> },
): Command {
  return { ...command, run: invocation => command.run(invocation as Invocation<T>) }
}
