import { join } from 'node:path'
import { checkPinDirectory, makePinDirectory } from '@bpf/maps'
import type { Io } from '@bpf/terminal'

/** Where an option wants pins to be. @throws PinError if there could be none, which is better known before anything is loaded */
export function pinDirectory(option: string | undefined, io: Io): string | undefined {
  const directory = option === undefined ? undefined : io.resolvePath(option)
  if (directory !== undefined) checkPinDirectory(directory)
  return directory
}

/** The path of a pin in a directory, which is made if it is not there. @throws PinError if that is on no bpf file system */
export function pinIn(directory: string, name: string): string {
  makePinDirectory(directory)
  // The kernel allows no dots there.
  return join(directory, name.replaceAll('.', '_'))
}
