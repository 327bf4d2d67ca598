import { type App, type CommandGroup, isGroup, type OptionSpec } from '../command'
import { completeCommand } from '../complete'
import { type Entry, entriesOfGroup, entryOf, namesOf } from './entries'

/** The completion script for zsh, with descriptions. */
export function zshCompletion(app: App): string {
  const described = app.commands.map(each => `${each.name}:${each.summary}`)
  const cases = app.commands.flatMap(each => {
    const body = isGroup(each) ? groupBody(app, each) : [argumentsCall(app, entryOf([each.name], each))]
    const pattern = each.name === app.fileCommand ? `${each.name}|*[./]*` : each.name
    return [`    ${pattern})`, ...body.map(line => `      ${line}`), '      ;;']
  })
  return `#compdef ${app.name}
# Completion of ${app.name} for zsh. For this shell: source <(${app.name} completion zsh)
_${app.name}_ask() {
  local -a found=("\${(@f)$($typed[1] ${completeCommand} "\${(@)typed[2,-1]}" 2>/dev/null)}")
  found=(\${found:#})
  if (( $#found == 0 )); then
    _files
    return
  fi
  # Behind = goes a value, without a blank.
  compadd -S '' -- \${(M)found:#*=}
  compadd -- \${found:#*=}
}
_${app.name}() {
  local -a typed=("\${(@)words[1,CURRENT]}")
  if (( CURRENT == 2 )); then
    local -a commands=(
${described.map(text => `      ${quote(text)}`).join('\n')}
    )
    _describe command commands
    _files
    return
  fi
  shift words
  (( CURRENT-- ))
  case "\${words[1]}" in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = "_${app.name}" ]; then
  _${app.name} "$@"
else
  compdef _${app.name} ${app.name}
fi
`
}

function groupBody(app: App, group: CommandGroup): string[] {
  return [
    'if (( CURRENT == 2 )); then',
    `  local -a commands=(${group.commands.map(({ name, summary }) => quote(`${name}:${summary}`)).join(' ')})`,
    '  _describe command commands',
    '  return',
    'fi',
    'shift words',
    '(( CURRENT-- ))',
    'case "$words[1]" in',
    ...entriesOfGroup(group).flatMap(entry => [`  ${namesOf(entry.command).join('|')})`, `    ${argumentsCall(app, entry)}`, '    ;;']),
    'esac',
  ]
}

/** `_arguments '*--set[description]:VAR=VALUE:' … '*:file:_files'` */
function argumentsCall(app: App, { command, options }: Entry): string {
  const operands = command.complete ? `*:operand:${ask(app)}` : '*:file:_files'
  return `_arguments ${[...options.flatMap(option => optionSpecs(app, option)), quote(operands)].join(' ')}`
}

const ask = ({ name }: App): string => `_${name}_ask`

/** A short form and the long one exclude each other. */
function optionSpecs(app: App, [name, spec]: readonly [name: string, spec: OptionSpec]): string[] {
  const { type, short, multiple, description } = spec
  const long = `--${name}`
  const names = short === undefined ? [long] : [`-${short}`, long]
  const before = multiple ? '*' : short === undefined ? '' : `(${names.join(' ')})`
  const argument = type === 'string' ? valueSpec(app, spec) : ''
  return names.map(each => quote(`${before}${each}[${description.replace(/[[\]]/g, '\\$&')}]${argument}`))
}

/** `:FILE:_files`, `:MODE:(fast slow)`, or nothing that could be offered. */
function valueSpec(app: App, { value = 'VALUE', choices, complete }: OptionSpec): string {
  const offered = complete ? ask(app) : choices ? `(${choices.join(' ')})` : /FILE|DIR|PATH|OBJ/.test(value) ? '_files' : ' '
  return `:${value.replaceAll(':', '\\:')}:${offered}`
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
