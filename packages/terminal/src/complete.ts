import { commonOptions } from './args'
import { type App, type Command, findNamed, isGroup, looksLikeFile, type OptionSpecs } from './command'
import { ExitCode } from './exit-code'
import type { Io } from './io'

/** The hidden command that completion scripts ask what only the rest of the line tells: names in an object, ids in the kernel. */
export const completeCommand = '__complete'

/**
 * `bpf __complete start obj.o --only on_`: what the last word, which is being typed, could be, a line each; the shell picks
 * those that begin so. Where nothing is known or something is wrong there is nothing: nobody wants errors while typing.
 */
export async function complete(app: App, words: readonly string[], io: Io): Promise<number> {
  const candidates = await candidatesFor(app, words, io).catch(() => [])
  for (const candidate of candidates) io.out(candidate)
  return ExitCode.Ok
}

async function candidatesFor(app: App, words: readonly string[], io: Io): Promise<readonly string[]> {
  const found = commandOf(app, words.slice(0, -1))
  if (found === undefined) return []
  const { option, positionals } = readTyped({ ...found.command.options, ...commonOptions }, found.rest)
  const ask = option === undefined ? found.command.complete : found.command.options[option]?.complete
  return (await ask?.({ positionals, io })) ?? []
}

function commandOf(app: App, words: readonly string[]): { readonly command: Command; readonly rest: readonly string[] } | undefined {
  const [first = '', second = '', ...others] = words
  const entry = findNamed(app.commands, first)
  if (entry === undefined)
    return looksLikeFile(first) && app.fileCommand !== undefined ? commandOf(app, [app.fileCommand, ...words]) : undefined
  if (!isGroup(entry)) return { command: entry, rest: words.slice(1) }
  const command = findNamed(entry.commands, second)
  return command && { command, rest: others }
}

interface Typed {
  /** The option whose value comes next. */
  readonly option: string | undefined
  readonly positionals: readonly string[]
}

/** What stands before the word that is being typed; it need not be right yet. */
function readTyped(specs: OptionSpecs, words: readonly string[]): Typed {
  const positionals: string[] = []
  let option: string | undefined
  for (const word of words) {
    const isValue = option !== undefined
    option = isValue ? undefined : optionWithValue(specs, word)
    if (!isValue && !word.startsWith('-')) positionals.push(word)
  }
  return { option, positionals }
}

/** The name of the option that `word` is, if a value follows it. */
function optionWithValue(specs: OptionSpecs, word: string): string | undefined {
  return Object.keys(specs).find(name => {
    const { type, short } = specs[name] ?? {}
    return type === 'string' && (word === `--${name}` || (short !== undefined && word === `-${short}`))
  })
}
