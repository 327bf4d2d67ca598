import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { BpfError } from '@bpf/bytes'
import { makePinDirectory } from '@bpf/maps'

/** The path of a pin in a directory, which is made if it is not there. @throws BpfError if that is on no bpf file system */
export function pinIn(directory: string, name: string): string {
  makePinDirectory(directory)
  if (!existsSync(directory)) {
    throw new BpfError('ERR_BPF_PIN', `${directory} is not on a bpf file system`, { hint: 'take one such as /sys/fs/bpf/mine' })
  }
  // The kernel allows no dots there.
  return join(directory, name.replaceAll('.', '_'))
}
