import type { App } from './app'
import { commonOptions } from './args'
import type { Command, OptionSpecs } from './command'

export function commandHelp(app: string, command: Command): string {
  const lines = [
    `${app} ${command.name} — ${command.summary}`,
    '',
    `usage: ${app} ${command.name} ${command.operands} [options]`,
    '',
    'options:',
  ]
  lines.push(...optionRows({ ...command.options, ...commonOptions }))
  if (command.examples.length > 0) lines.push('', 'examples:', ...command.examples.map(example => `  ${example}`))
  return lines.join('\n')
}

export function generalHelp({ name, summary, commands, fileCommand }: App): string {
  const width = Math.max(...commands.map(c => c.name.length))
  const usage = `usage: ${name} COMMAND [operands] [options]`
  return [
    `${name} — ${summary}`,
    '',
    usage,
    ...(fileCommand === undefined ? [] : [`       ${name} OBJ`.padEnd(usage.length) + `  the same as ${name} ${fileCommand} OBJ`]),
    '',
    'commands:',
    ...commands.map(c => `  ${c.name.padEnd(width)}  ${c.summary}`),
    '',
    'options:',
    '  -h, --help     show this help; behind a command: its own',
    '  -V, --version  show the version',
    '',
    'exit codes: 0 done, 1 failed, 2 usage, 3 rejected by the verifier, 4 privilege or feature missing',
  ].join('\n')
}

function optionRows(options: OptionSpecs): string[] {
  const rows = Object.entries(options).map(([name, spec]) => {
    const flag = `${spec.short ? `-${spec.short}, ` : '    '}--${name}${spec.type === 'string' ? ` ${spec.value ?? 'VALUE'}` : ''}`
    return [flag, spec.description + (spec.multiple ? ' (repeatable)' : '')] as const
  })
  const width = Math.max(...rows.map(([flag]) => flag.length))
  return rows.map(([flag, description]) => `  ${flag.padEnd(width)}  ${description}`)
}
