import { existsSync, readdirSync, rmdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { checkPinDirectory, makePinDirectory } from '@bpf/maps'
import { Errno, isSyscallError, type Sys, type SyscallError } from '@bpf/sys'
import { LoadError } from './errors'
import { pinName, removePin } from './pin-path'
import { refusal } from './refusal'
import { Undo } from './undo'

/** What of an object can be pinned, and the directory for it. Links come last: what they hold on to is there before. */
const kinds = ['maps', 'programs', 'links'] as const
export type PinKind = (typeof kinds)[number]

export interface Pinnable {
  readonly kind: PinKind
  readonly name: string
  pin(path: string): void
}

/** `DIRECTORY/maps/_rodata`. */
export function objectPinPath(directory: string, kind: PinKind, name: string): string {
  return join(directory, kind, pinName(name))
}

/** Paths of all links that are pinned for an object, by its programs' names and, of several a program, numbers. */
export function pinnedLinks(directory: string): string[] {
  const links = join(directory, 'links')
  return existsSync(links) ? readdirSync(links).map(name => join(links, name)) : []
}

const taken = 'another object is pinned there, or this one already; removing its pins unloads it'

/** @throws PinError if the directory cannot hold pins, LoadError if one of these names is taken there */
export function checkPins(directory: string, things: readonly Pick<Pinnable, 'kind' | 'name'>[]): void {
  checkPinDirectory(directory)
  const path = things.map(({ kind, name }) => objectPinPath(directory, kind, name)).find(path => existsSync(path))
  if (path !== undefined) throw new LoadError({ stage: 'pin', subject: path, problem: 'is there already', hint: taken })
}

/** Pins all or nothing. @throws PinError, LoadError, LinkError */
export function pinAll(sys: Sys, directory: string, things: readonly Pinnable[]): void {
  checkPins(directory, things)
  const undo = new Undo()
  try {
    for (const { kind, name, pin } of things) {
      const path = objectPinPath(directory, kind, name)
      makePinDirectory(dirname(path))
      pin(path)
      undo.own({ [Symbol.dispose]: () => removePin(path) })
    }
  } catch (error) {
    const cause = undo.because(error)
    removeEmpty(directory)
    throw isSyscallError(cause) ? refused(sys, directory, cause) : cause
  }
}

function refused(sys: Sys, directory: string, error: SyscallError): LoadError {
  const hint = error.errno === Errno.EEXIST ? taken : undefined
  return refusal(sys, { stage: 'pin', subject: directory, action: 'be made', error, hint })
}

/** Removes pins of these names, links first, and the directories if nothing else is in them. */
export function unpinAll(directory: string, things: readonly Pick<Pinnable, 'kind' | 'name'>[]): void {
  for (const { kind, name } of things.toReversed()) removePin(objectPinPath(directory, kind, name))
  removeEmpty(directory)
}

function removeEmpty(directory: string): void {
  for (const path of [...kinds.map(kind => join(directory, kind)), directory]) {
    try {
      rmdirSync(path)
    } catch {
      // It does not exist, or something else is in there.
    }
  }
}
