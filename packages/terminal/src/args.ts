import { parseArgs } from 'node:util'
import { nearNames } from '@bpf/bytes'
import type { Command, OptionSpec, OptionSpecs } from './command'
import { UsageError } from './errors'

/** Options that every command has. */
export const commonOptions = {
  help: { type: 'boolean', short: 'h', description: 'show this help' },
} as const satisfies OptionSpecs

type Value = string | boolean | readonly string[] | undefined

export interface ParsedArgs {
  readonly help: boolean
  readonly positionals: readonly string[]
  readonly options: Readonly<Record<string, Value>>
}

/**
 * Parses what follows the command's name; `path` is what stands before it: `bpf`, or `bpf prog`.
 *
 * @throws UsageError with near names for an unknown option
 */
export function parseCommandArgs(path: string, command: Command, args: readonly string[]): ParsedArgs {
  const specs: OptionSpecs = { ...command.options, ...commonOptions }
  // pnpm and npm pass a bare `--` on; everything behind it is still ours.
  const { values, positionals } = parse(
    specs,
    args.filter((arg, i) => !(arg === '--' && i === 0)),
  )
  if (positionals.length > command.maxOperands) {
    throw new UsageError(
      `${command.name}: too many operands: ${positionals.slice(command.maxOperands).join(' ')}`,
      usageHint(path, command),
    )
  }
  const options: Record<string, Value> = {}
  for (const [name, spec] of Object.entries(command.options)) {
    options[name] = values[name] ?? absent(spec)
    checkChoice(name, spec, options[name])
  }
  return { help: values['help'] === true, positionals, options }
}

function parse(specs: OptionSpecs, args: string[]) {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short ? { short } : {}), ...(multiple ? { multiple } : {}) },
    ]),
  )
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true }) as {
      values: Record<string, Value>
      positionals: string[]
    }
  } catch (error) {
    throw explain(error, Object.keys(specs))
  }
}

function checkChoice(name: string, { choices }: OptionSpec, value: Value): void {
  if (choices === undefined || value === undefined) return
  for (const chosen of [value].flat().map(String)) {
    if (!choices.includes(chosen)) throw new UsageError(`--${name} ${chosen}: there is no such choice`, `one of ${choices.join(', ')}`)
  }
}

function absent(spec: OptionSpec): Value {
  if (spec.type === 'boolean') return false
  return spec.multiple ? [] : undefined
}

function explain(error: unknown, known: readonly string[]): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  const unknown = /Unknown option '--?([^']+)'/.exec(error.message)?.[1]
  if (unknown !== undefined) {
    const near = nearNames(unknown, known)
    return new UsageError(
      `unknown option --${unknown}`,
      near.length > 0 ? `did you mean ${near.map(n => `--${n}`).join(' or ')}?` : undefined,
    )
  }
  return new UsageError(error.message.split('. ')[0] ?? error.message)
}

/** What the command wants, in a line. */
export function usageHint(path: string, command: Command): string {
  const usage = [path, command.name, command.operands, '[options]'].filter(part => part !== '').join(' ')
  return `usage: ${usage}, see ${path} ${command.name} --help`
}
