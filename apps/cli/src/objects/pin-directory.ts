import { join } from 'node:path'
import type { BpfObject } from '@bpf/loader'
import { checkPinDirectory, makePinDirectory } from '@bpf/maps'
import type { LoadPlan } from '@bpf/object'
import type { Io } from '@bpf/terminal'

/** Where an option wants pins to be. @throws PinError if there could be none, which is better known before anything is loaded */
export function pinDirectory(option: string | undefined, io: Io): string | undefined {
  const directory = option === undefined ? undefined : io.resolvePath(option)
  if (directory !== undefined) checkPinDirectory(directory)
  return directory
}

/** The same, for all that is loaded of an object. @throws LoadError, too, if a name is taken there */
export function objectPinDirectory(option: string | undefined, object: BpfObject, plan: LoadPlan, io: Io): string | undefined {
  const directory = option === undefined ? undefined : io.resolvePath(option)
  if (directory !== undefined) object.checkPins(directory, plan)
  return directory
}

/** The path of a pin in a directory, which is made if it is not there. @throws PinError if that is on no bpf file system */
export function pinIn(directory: string, name: string): string {
  makePinDirectory(directory)
  // The kernel allows no dots there.
  return join(directory, name.replaceAll('.', '_'))
}
