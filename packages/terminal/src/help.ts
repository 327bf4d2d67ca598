import { commonOptions } from './args'
import type { App, Command, CommandGroup, OptionSpecs } from './command'
import { fullDescription } from './generate/entries'

/** @param path what stands before the command's name: `bpf`, or `bpf prog` */
export function commandHelp(path: string, command: Command): string {
  const lines = [
    `${path} ${command.name} — ${command.summary}`,
    '',
    `usage: ${[path, command.name, command.operands, '[options]'].filter(part => part !== '').join(' ')}`,
    '',
    'options:',
  ]
  lines.push(...optionRows({ ...command.options, ...commonOptions }))
  if (command.examples.length > 0) lines.push('', 'examples:', ...command.examples.map(example => `  ${example}`))
  return lines.join('\n')
}

export function groupHelp(app: string, group: CommandGroup): string {
  return [
    `${app} ${group.name} — ${group.summary}`,
    '',
    `usage: ${app} ${group.name} COMMAND [operands] [options]; without a command: ${group.fallback}`,
    '',
    'commands:',
    ...commandRows(group.commands),
    '',
    `${app} ${group.name} COMMAND --help shows the options of one.`,
  ].join('\n')
}

export function generalHelp({ name, summary, commands, fileCommand }: App): string {
  const usage = `usage: ${name} COMMAND [operands] [options]`
  return [
    `${name} — ${summary}`,
    '',
    usage,
    ...(fileCommand === undefined ? [] : [`${`       ${name} OBJ`.padEnd(usage.length)}  the same as ${name} ${fileCommand} OBJ`]),
    '',
    'commands:',
    ...commandRows(commands),
    '',
    'options:',
    '  -h, --help     show this help; behind a command: its own',
    '  -V, --version  show the version',
    '',
    'exit codes: 0 done, 1 failed, 2 usage, 3 rejected by the verifier, 4 privilege or feature missing',
  ].join('\n')
}

function commandRows(commands: readonly (Command | CommandGroup)[]): string[] {
  const width = Math.max(...commands.map(c => c.name.length))
  return commands.map(c => `  ${c.name.padEnd(width)}  ${c.summary}`)
}

function optionRows(options: OptionSpecs): string[] {
  const rows = Object.entries(options).map(([name, spec]) => {
    const flag = `${spec.short ? `-${spec.short}, ` : '    '}--${name}${spec.type === 'string' ? ` ${spec.value ?? 'VALUE'}` : ''}`
    return [flag, fullDescription(spec)] as const
  })
  const width = Math.max(...rows.map(([flag]) => flag.length))
  return rows.map(([flag, description]) => `  ${flag.padEnd(width)}  ${description}`)
}
