import { flagNames, type NameTable, nameOf, snakeCase } from '@bpf/bytes'

/** `constantName(MapType, 1, 'BPF_MAP_TYPE_')` = `BPF_MAP_TYPE_HASH`; the number when it has no name. */
export function constantName(table: NameTable, value: number, prefix: string): string {
  const name = nameOf(table, value)
  return name === undefined ? String(value) : withPrefix(prefix, name)
}

/** `BPF_F_RDONLY_PROG|BPF_F_MMAPABLE`. */
export function flagText(table: NameTable, value: number): string {
  return flagNames(table, value)
    .map(name => (name.startsWith('0x') ? name : withPrefix('BPF_F_', name)))
    .join('|')
}

const withPrefix = (prefix: string, name: string): string => prefix + snakeCase(name).toUpperCase()
