import { mkdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { existingAncestor, kindOfFd, pinHint, pinObstacle } from '@bpf/kernel'
import { Errno, type Fd, getMapInfo, isSyscallError, type OwnedFd, objGet, objPin, type Sys } from '@bpf/sys'
import { PinError } from './pin-error'

export interface PinOptions {
  /** What to do about something that is pinned at that path already; `fail` unless given. */
  readonly ifExists?: 'fail' | 'replace' | undefined
}

/**
 * Pins a map, a program or a link at a path on a bpf file system. Directories that are missing there are made. Replacing is
 * atomic: whoever opens the path meanwhile gets the one or the other.
 *
 * @throws PinError, SyscallError
 */
export function pinObject(sys: Sys, fd: Fd, path: string, { ifExists = 'fail' }: PinOptions = {}): void {
  checkPinPath(path)
  const directory = dirname(path)
  const existing = existingAncestor(directory)
  makePinDirectory(directory)
  try {
    if (ifExists === 'replace') replacePin(sys, fd, path)
    else pin(sys, fd, path, path)
  } catch (error) {
    removeEmptyBelow(existing, directory)
    throw error
  }
}

/**
 * For callers that make something first and pin it then: whether a pin could be made at that path, as far as it can be told without
 * making one. @throws PinError that names the file system found there, or the name that the kernel takes for none
 */
export function checkPinPath(path: string): void {
  const obstacle = pinObstacle(path)
  if (obstacle) throw new PinError('ERR_BPF_PIN', path, `cannot be a pin: ${obstacle.problem}`, { hint: obstacle.hint })
}

/** The same of a directory for pins, which need not exist. @throws PinError */
export function checkPinDirectory(directory: string): void {
  const obstacle = pinObstacle(directory, existingAncestor(directory))
  if (obstacle) throw new PinError('ERR_BPF_PIN', directory, `cannot hold pins: ${obstacle.problem}`, { hint: obstacle.hint })
}

function replacePin(sys: Sys, fd: Fd, path: string): void {
  const fresh = join(dirname(path), `${basename(path)}_${process.pid}_new`)
  pin(sys, fd, fresh, path)
  try {
    renameSync(fresh, path)
  } catch (cause) {
    unlinkSync(fresh)
    throw new PinError('ERR_BPF_PIN', path, 'could not be replaced', { cause })
  }
}

/** The map, program or link that is pinned at a path; undefined if there is nothing. @throws PinError */
export function tryOpenPin(sys: Sys, path: string, flags = 0): OwnedFd | undefined {
  try {
    return objGet(sys, { path, flags })
  } catch (cause) {
    if (isSyscallError(cause, Errno.ENOENT)) return undefined
    throw isSyscallError(cause) ? new PinError('ERR_BPF_PIN', path, 'could not be opened', { cause, hint: refusalHint(path) }) : cause
  }
}

/** Removes the pin of the map with this id; false if nothing is pinned there. @throws PinError if something else is */
export function unpinMap(sys: Sys, path: string, id: number): boolean {
  using found = tryOpenPin(sys, path)
  if (found === undefined) return false
  const isOurs = kindOfFd(found.fd) === 'map' && getMapInfo(sys, found.fd).id === id
  if (!isOurs)
    throw new PinError('ERR_BPF_PIN_FOREIGN', path, 'is the pin of something else', { hint: 'it was replaced, or never this map' })
  unlinkSync(path)
  return true
}

function pin(sys: Sys, fd: Fd, at: string, path: string): void {
  try {
    objPin(sys, fd, { path: at })
  } catch (cause) {
    if (isSyscallError(cause, Errno.EEXIST))
      throw new PinError('ERR_BPF_PIN_EXISTS', path, 'is pinned already', { cause, hint: "remove it, or pass ifExists: 'replace'" })
    throw new PinError('ERR_BPF_PIN', path, 'could not be pinned', { cause, hint: refusalHint(path) })
  }
}

/** Where nothing is wrong with the path, it is about who may do what there. */
function refusalHint(path: string): string {
  return pinHint(path) ?? 'this user may not do that there: directories and pins have an owner and a mode, as files do (chown, chmod)'
}

/** Makes a directory for pins, with those above it. @throws PinError, also if it is on no bpf file system */
export function makePinDirectory(directory: string): void {
  checkPinDirectory(directory)
  const existing = existingAncestor(directory)
  if (existing === directory) return
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
  } catch (cause) {
    removeEmptyBelow(existing, directory)
    throw new PinError('ERR_BPF_PIN', directory, 'could not be made', { cause, hint: refusalHint(directory) })
  }
}

/** Removes what was made of `directory`, from the innermost on, as far as nothing is in it. */
function removeEmptyBelow(existing: string, directory: string): void {
  for (let path = directory; path !== existing; path = dirname(path)) {
    try {
      rmdirSync(path)
    } catch {
      // It was not made, or somebody else uses it by now.
    }
  }
}
