import type { NameTable } from '@bpf/bytes'
import { helperNames } from '@bpf/insn'
import { AttachType, LinkType, MapType, ProgType, snakeCase } from '@bpf/sys'
import { ExitCode, type Io, toJson, UsageError } from '@bpf/terminal'

const namesOf = (table: NameTable): readonly string[] => Object.keys(table).map(snakeCase)

/** By bpftool's names of the groups. */
const groups: ReadonlyMap<string, () => readonly string[]> = new Map([
  ['prog_types', () => namesOf(ProgType)],
  ['map_types', () => namesOf(MapType)],
  ['attach_types', () => namesOf(AttachType)],
  ['link_types', () => namesOf(LinkType)],
  ['helpers', () => ['bpf_unspec', ...helperNames()]],
])

/** `bpf feature list_builtins GROUP`: what this command has names for, whatever the kernel. @throws UsageError */
export function listBuiltins(operands: readonly string[], json: boolean, io: Io): number {
  const [word, group = ''] = operands
  const names = word === 'list_builtins' ? groups.get(group)?.() : undefined
  if (names === undefined) throw new UsageError(`${operands.join(' ')}: what is that?`, `say list_builtins ${[...groups.keys()].join('|')}`)
  if (json) io.out(toJson(names))
  else for (const name of names) io.out(name)
  return ExitCode.Ok
}
