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

export const builtinGroups: readonly string[] = [...groups.keys()]

/** `bpf feature list_builtins GROUP`: what this command has names for, whatever the kernel. @throws UsageError */
export function listBuiltins([group = '', ...others]: readonly string[], json: boolean, io: Io): number {
  const names = others.length === 0 ? groups.get(group)?.() : undefined
  if (names === undefined) throw new UsageError('list_builtins: what of?', `say list_builtins ${builtinGroups.join('|')}`)
  if (json) io.out(toJson(names))
  else for (const name of names) io.out(name)
  return ExitCode.Ok
}
