import { type Command, findNamed, isGroup } from '@bpf/terminal'
import { commands } from './commands'

/** Options of bpftool that ask for what is done anyway, or for what there is no need for. */
const needless: ReadonlySet<string> = new Set(
  ['-f --bpffs', '-n --nomount', '-l --legacy', '-m --mapcompat', '-d --debug'].flatMap(names => names.split(' ')),
)
const json: ReadonlySet<string> = new Set(['-j', '--json', '-p', '--pretty', '-jp', '-pj'])
const base: ReadonlySet<string> = new Set(['-B', '--base-btf'])

/**
 * A command line with options in front of the command, as bpftool has them, in our words: `-j prog show` is
 * `prog show --bpftool-json`. As it is, if there are others.
 */
export function translateBpftoolOptions(args: readonly string[]): readonly string[] {
  let wantsJson = false
  const options: string[] = []
  let at = 0
  for (let word = args[at]; word?.startsWith('-'); word = args[at]) {
    if (json.has(word)) wantsJson = true
    else if (base.has(word)) options.push('--base', args[++at] ?? '')
    else if (!needless.has(word)) return args
    at++
  }
  const rest = args.slice(at)
  const command = commandOf(rest)
  if (command === undefined) return args
  const format = ['bpftool-json', 'json'].find(name => name in command.options)
  return [...rest, ...options, ...(wantsJson && format !== undefined ? [`--${format}`] : [])]
}

function commandOf([first, second]: readonly string[]): Command | undefined {
  const entry = findNamed(commands, first)
  if (entry === undefined || !isGroup(entry)) return entry
  return findNamed(entry.commands, second ?? entry.fallback)
}
