import { nearNames } from '@bpf/bytes'
import { parseCommandArgs, usageHint } from './args'
import { type App, type Command, type CommandGroup, findNamed, isGroup, looksLikeFile } from './command'
import { complete, completeCommand } from './complete'
import { UsageError } from './errors'
import { ExitCode } from './exit-code'
import { commandHelp, generalHelp, groupHelp } from './help'
import type { Io } from './io'
import { reportError } from './report-error'
import { asksForVersion } from './version'

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
  if (asksForVersion(args)) {
    io.out(app.version)
    return ExitCode.Ok
  }
  if (first === undefined || isHelp(first) || (first === 'help' && rest.length === 0)) {
    io.out(generalHelp(app))
    return ExitCode.Ok
  }
  if (first === completeCommand) return complete(app, rest, io)
  if (first === 'help') return dispatch(app, [...rest, '--help'], io)
  const translated = first.startsWith('-') ? app.translate?.(args) : undefined
  if (translated !== undefined && translated !== args) return dispatch(app, translated, io)
  const entry = findNamed(app.commands, first)
  if (entry === undefined && app.fileCommand !== undefined && looksLikeFile(first)) return dispatch(app, [app.fileCommand, ...args], io)
  if (entry === undefined && first.startsWith('-'))
    throw new UsageError(`${first}: options stand behind a command`, `${app.name} --help lists the commands`)
  if (entry === undefined) throw unknownCommand(app.name, first, app.commands)
  return isGroup(entry) ? runOfGroup(app, entry, rest, io) : run(app, app.name, entry, rest, io)
}

async function runOfGroup(app: App, group: CommandGroup, args: readonly string[], io: Io): Promise<number> {
  const path = `${app.name} ${group.name}`
  const [first = group.fallback, ...rest] = args
  if (isHelp(first) || first === 'help') {
    io.out(groupHelp(app.name, group))
    return ExitCode.Ok
  }
  // `bpf prog --json` means its fallback, too.
  if (first.startsWith('-')) return runOfGroup(app, group, [group.fallback, ...args], io)
  const command = findNamed(group.commands, first)
  if (command === undefined) throw unknownCommand(path, first, group.commands)
  return run(app, path, command, rest, io)
}

async function run(app: App, path: string, command: Command, args: readonly string[], io: Io): Promise<number> {
  try {
    const { help, positionals, options } = parseCommandArgs(path, command, args)
    if (help) {
      io.out(commandHelp(path, command))
      return ExitCode.Ok
    }
    return await command.run({ app, positionals, options: options as never, io })
  } catch (error) {
    if (!(error instanceof UsageError) || error.hint !== undefined) throw error
    throw new UsageError(error.message, usageHint(path, command))
  }
}

function isHelp(argument: string): boolean {
  return argument === '--help' || argument === '-h'
}

function unknownCommand(path: string, name: string, known: readonly { readonly name: string }[]): UsageError {
  const near = nearNames(
    name,
    known.map(c => c.name),
  )
  return new UsageError(
    `unknown command ${path} ${name}`,
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : `${path} --help lists the commands`,
  )
}
