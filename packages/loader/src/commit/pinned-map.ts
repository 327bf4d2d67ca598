import { join } from 'node:path'
import type { MapPlan } from '@bpf/object'
import { Errno, getMapInfo, isSyscallError, type OwnedFd, objGet, objPin, type Sys } from '@bpf/sys'
import { LoadError } from '../errors'
import { makePinDirectory, pinName, removePin } from '../pin-path'
import { refusal } from '../refusal'

/** Where a map is to be shared; undefined for maps that are not. */
export function pinPathOf(plan: MapPlan, directory: string | undefined): string | undefined {
  if (plan.pinPath !== undefined) return plan.pinPath
  return plan.pinning === 'byName' && directory !== undefined ? join(directory, pinName(plan.name)) : undefined
}

/** The map that is pinned at a path, if it is what the plan asks for; undefined if nothing is pinned there. @throws LoadError */
export function openPinnedMap(sys: Sys, plan: MapPlan, path: string): OwnedFd | undefined {
  let fd: OwnedFd
  try {
    fd = objGet(sys, { path })
  } catch (error) {
    if (isSyscallError(error, Errno.ENOENT)) return undefined
    throw isSyscallError(error) ? refusal(sys, { stage: 'pin', subject: path, action: 'be opened', error }) : error
  }
  const differences = differencesOf(sys, plan, fd)
  if (differences.length === 0) return fd
  fd.close()
  const problem = `cannot be used for map "${plan.name}": ${differences.join(', ')}`
  throw new LoadError({ stage: 'pin', subject: path, problem, hint: 'remove the pin, or change the map to match it' })
}

/** Pins a new map; returns how to undo that. @throws LoadError */
export function pinNewMap(sys: Sys, path: string, fd: OwnedFd): Disposable {
  try {
    makePinDirectory(path)
    objPin(sys, fd.fd, { path })
  } catch (error) {
    if (!isSyscallError(error)) throw error
    const hint = 'the directory must be on a bpf file system, such as /sys/fs/bpf'
    throw refusal(sys, { stage: 'pin', subject: path, action: 'be made', error, hint })
  }
  return { [Symbol.dispose]: () => removePin(path) }
}

/** What must agree for programs to use a map in the place of another; `found is …, not …`. */
function differencesOf(sys: Sys, plan: MapPlan, fd: OwnedFd): string[] {
  const info = infoOf(sys, fd)
  if (info === undefined) return ['it is no map']
  const fields = ['type', 'keySize', 'valueSize', 'maxEntries', 'flags', 'mapExtra'] as const
  return fields.filter(field => info[field] !== plan[field]).map(field => `${field} is ${info[field]}, not ${plan[field]}`)
}

function infoOf(sys: Sys, fd: OwnedFd) {
  try {
    return getMapInfo(sys, fd.fd)
  } catch (error) {
    if (isSyscallError(error)) return undefined
    throw error
  }
}
