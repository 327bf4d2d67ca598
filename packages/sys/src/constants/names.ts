import { type NameTable, nameOf } from '@bpf/bytes'
import { BpfCommand } from './command'

/** `PercpuHash` → `percpu_hash`, the spelling of the kernel's headers in lower case. */
export function snakeCase(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, letter => `_${letter}`).toLowerCase()
}

/** The kernel's name of a constant in lower case, without its prefix: `snakeName(MapType, 5)` = `percpu_hash`; the number if it has none. */
export function snakeName(table: NameTable, value: number): string {
  const name = nameOf(table, value)
  return name === undefined ? String(value) : snakeCase(name)
}

/** `BPF_MAP_CREATE`. */
export function commandName(command: number): string {
  const name = nameOf(BpfCommand, command)
  return name === undefined ? `bpf command ${command}` : `BPF_${snakeCase(name).toUpperCase()}`
}
