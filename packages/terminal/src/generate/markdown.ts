import { type App, type CommandGroup, isGroup } from '../command'
import { type Entry, entriesOfGroup, entryOf, flagText, fullDescription } from './entries'
import { exitCodes, variables } from './man'

/** All commands as one page of Markdown. */
export function markdownPage(app: App): string {
  const { name, summary, commands, fileCommand } = app
  const short = fileCommand === undefined ? '' : ` \`${name} OBJ\` is \`${name} ${fileCommand} OBJ\`.`
  const sections = commands.map(each => (isGroup(each) ? groupSection(each, name) : entrySection(entryOf([each.name], each), name, '##')))
  return `${[
    `# The ${name} command`,
    `${capital(summary)} \`${name} COMMAND --help\` says the same as this page, which is generated from the same table.${short}`,
    'stdout is data, everything else goes to stderr. `--json` prints one document, and streams print a JSON document a line; integers of 64 bits are decimal strings, bytes are hexadecimal.',
    'On a terminal, tables fit its width: long cells are shortened, numbers never; where that is not enough, the least telling columns are left out, and a … behind the titles says so. A pipe gets everything.',
    table(
      ['exit code', 'meaning'],
      exitCodes.map(([code, meaning]) => [String(code), meaning]),
    ),
    table(
      ['variable', 'effect'],
      variables.map(([variable, effect]) => [`\`${variable}\``, effect]),
    ),
    commands.map(each => `- [\`${name} ${each.name}\`](#${anchor(`${name} ${each.name}`)}): ${each.summary}`).join('\n'),
    ...sections,
  ].join('\n\n')}\n`
}

function groupSection(group: CommandGroup, app: string): string {
  const intro = `${capital(group.summary)}${others(group)} Without a command: \`${app} ${group.name} ${group.fallback}\`.`
  return [`## ${app} ${group.name}`, intro, ...entriesOfGroup(group).map(entry => entrySection(entry, app, '###'))].join('\n\n')
}

function entrySection({ words, command, options }: Entry, app: string, heading: string): string {
  const path = [app, ...words].join(' ')
  const rows = options.map(([name, spec]) => [`\`${escaped(flagText(name, spec))}\``, escaped(fullDescription(spec))])
  return [
    `${heading} ${path}`,
    `\`${[path, command.operands, '[options]'].filter(part => part !== '').join(' ')}\``,
    capital(command.summary) + others(command),
    table(['option', 'what it does'], rows),
    ...(command.examples.length === 0 ? [] : [`\`\`\`sh\n${command.examples.map(asComment).join('\n')}\n\`\`\``]),
  ].join('\n\n')
}

/** Other words for the same. */
function others({ aliases = [] }: { readonly aliases?: readonly string[] }): string {
  return aliases.length === 0 ? '' : ` Also: ${aliases.map(alias => `\`${alias}\``).join(', ')}.`
}

/** `bpf start      the bundled example` → `bpf start      # the bundled example` */
function asComment(example: string): string {
  return example.replace(/^(.*?\S)( {2,})(\S.*)$/, '$1$2# $3')
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) => Math.max(...[title, ...rows.map(row => row[column] ?? '')].map(cell => cell.length)))
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(header), line(widths.map(width => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
const escaped = (text: string): string => text.replaceAll('|', '\\|')
const anchor = (title: string): string => title.replaceAll(' ', '-')
