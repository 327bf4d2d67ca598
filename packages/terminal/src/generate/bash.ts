import { type App, type CommandGroup, isGroup } from '../command'
import { completeCommand } from '../complete'
import { type Entry, entriesOfGroup, entryOf, namesOf } from './entries'

/** The completion script for bash. Whatever is neither command nor option is completed as a file. */
export function bashCompletion(app: App): string {
  const first = [...app.commands.map(each => each.name), 'help', '--help', '--version']
  const cases = app.commands.flatMap(each => (isGroup(each) ? groupCase(each) : commandCase(entryOf([each.name], each), [each.name])))
  return `# Completion of ${app.name} for bash. For this shell: source <(${app.name} completion bash)
_${app.name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} words= choices= ask=
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${first.join(' ')}'
  else
    case "\${COMP_WORDS[1]} \${COMP_WORDS[2]} " in
${[...cases, ...fileCase(app)].join('\n')}
    esac
  fi
  # Names in objects and in the kernel are asked for. Operands are files; options are offered once a dash is typed.
  if [ -n "$ask" ]; then
    words=$("\${COMP_WORDS[0]}" ${completeCommand} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    [[ $words == *= ]] && compopt -o nospace 2>/dev/null
  elif [ -n "$choices" ]; then
    words=$choices
  elif [ "$COMP_CWORD" -gt 1 ] && [[ $words == --* && $cur != -* ]]; then
    words=
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _${app.name} ${app.name}
`
}

/** Patterns are matched in order: the group's commands stand before the group itself. */
function groupCase(group: CommandGroup): string[] {
  const names = group.commands.flatMap(namesOf)
  return [
    ...entriesOfGroup(group).flatMap(entry =>
      commandCase(
        entry,
        namesOf(entry.command).map(name => `${group.name} ${name}`),
        // While the second word is being typed, it is the group's business.
        '[ "$COMP_CWORD" -gt 2 ] && ',
      ),
    ),
    `      '${group.name} '*) words='${names.join(' ')}' ;;`,
  ]
}

/** `bpf obj.o --only …` */
function fileCase({ commands, fileCommand }: App): string[] {
  return commands.flatMap(each => (each.name === fileCommand && !isGroup(each) ? matching(entryOf([each.name], each), '*[./]*') : []))
}

function commandCase(entry: Entry, paths: readonly string[], guard = ''): string[] {
  return matching(entry, paths.map(path => `'${path} '*`).join(' | '), guard)
}

function matching({ command, options }: Entry, patterns: string, guard = ''): string[] {
  const words = options.map(([name]) => `--${name}`).join(' ')
  const choices = options.flatMap(([name, spec]) =>
    spec.choices ? [`[ "$prev" = --${name} ] && choices='${spec.choices.join(' ')}'`] : [],
  )
  const asked = options.flatMap(([name, spec]) => (spec.complete ? [`[ "$prev" = --${name} ] && ask=yes`] : []))
  const operands = command.complete ? [`${guard}[[ $cur != -* ]] && ask=yes`] : []
  return [`      ${patterns}) ${[`${guard}words='${words}'`, ...choices, ...asked, ...operands].join('; ')} ;;`]
}
