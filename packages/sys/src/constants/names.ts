import { nameOf, snakeCase } from '@bpf/bytes'
import { BpfCommand } from './command'

export { snakeCase, snakeName } from '@bpf/bytes'

/** `BPF_MAP_CREATE`. */
export function commandName(command: number): string {
  const name = nameOf(BpfCommand, command)
  return name === undefined ? `bpf command ${command}` : `BPF_${snakeCase(name).toUpperCase()}`
}
