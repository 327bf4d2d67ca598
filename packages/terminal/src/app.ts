import { nearNames } from '@bpf/bytes'
import { parseCommandArgs } from './args'
import type { Command } from './command'
import { UsageError } from './errors'
import { ExitCode } from './exit-code'
import { commandHelp, generalHelp } from './help'
import type { Io } from './io'
import { reportError } from './report-error'

/** A command line app: its commands, and what it does with a first argument that is none. */
export interface App {
  /** The binary: `bpf`. */
  readonly name: string
  readonly summary: string
  readonly version: string
  readonly commands: readonly Command[]
  /** Runs when the first argument looks like a file: `bpf obj.o` is `bpf start obj.o`. */
  readonly fileCommand: string | undefined
}

/** Runs the command that `args` name; prints errors. Returns the exit code. */
export async function runApp(app: App, args: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(app, args, io)
  } catch (error) {
    return reportError(error, io)
  }
}

async function dispatch(app: App, args: readonly string[], io: Io): Promise<number> {
  const [first, ...rest] = args
  if (first === '--version' || first === '-V') {
    io.out(app.version)
    return ExitCode.Ok
  }
  if (first === undefined || first === '--help' || first === '-h' || (first === 'help' && rest.length === 0)) {
    io.out(generalHelp(app))
    return ExitCode.Ok
  }
  if (first === 'help') return run(app, findCommand(app, rest[0] ?? ''), ['--help'], io)
  if (app.fileCommand !== undefined && looksLikeFile(first)) return run(app, findCommand(app, app.fileCommand), args, io)
  return run(app, findCommand(app, first), rest, io)
}

async function run(app: App, command: Command, args: readonly string[], io: Io): Promise<number> {
  const { help, positionals, options } = parseCommandArgs(app.name, command, args)
  if (help) {
    io.out(commandHelp(app.name, command))
    return ExitCode.Ok
  }
  return command.run({ positionals, options: options as never, io })
}

function findCommand(app: App, name: string): Command {
  const command = app.commands.find(c => c.name === name)
  if (command) return command
  const near = nearNames(
    name,
    app.commands.map(c => c.name),
  )
  throw new UsageError(
    `unknown command ${name}`,
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : `${app.name} --help lists the commands`,
  )
}

function looksLikeFile(argument: string): boolean {
  return /[./]/.test(argument) && !argument.startsWith('-')
}
