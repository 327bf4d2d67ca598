import { existsSync, rmdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { checkPinPath, obtainPinnedMap, type PinPolicy, pinObject, tryOpenPin } from '@bpf/maps'
import type { MapPlan } from '@bpf/object'
import { isSyscallError, type OwnedFd, type Sys } from '@bpf/sys'
import type { LoadOptions } from '../load-options'
import { pinName, removePin } from '../pin-path'
import { refusal } from '../refusal'
import { type CreatedMap, foundMap, type NewPin } from './created-map'
import type { Session } from './session'

/** Where a map is to be shared; undefined for maps that are not. */
export function pinPathOf(plan: MapPlan, directory: string | undefined): string | undefined {
  if (plan.pinPath !== undefined) return plan.pinPath
  return plan.pinning === 'byName' && directory !== undefined ? join(directory, pinName(plan.name)) : undefined
}

/**
 * The map that is pinned at a path, or a new one that is pinned there, as the map's policy says.
 *
 * @throws PinMismatchError, PinError, LoadError, what `create` throws
 */
export function obtainMap(session: Session, plan: MapPlan, path: string, create: () => CreatedMap): CreatedMap {
  const { context, options } = session
  checkPinPath(path)
  const policy = policyFor(plan, options)
  let made: CreatedMap | undefined
  const createFresh = (): OwnedFd => {
    // Another attempt: someone else pinned a map meanwhile, and unpinned it.
    made?.memory?.close()
    made = create()
    return made.fd
  }
  const pin = policy === 'replace' ? replacingPin(context.sys, path) : freshPin(path)
  try {
    const { fd, reused } = obtainPinnedMap(context, { path, wanted: plan, policy, create: createFresh })
    if (!reused && made !== undefined) return { ...made, pin }
    made?.memory?.close()
    return foundMap(context, plan, fd)
  } catch (error) {
    pin.keep()
    made?.memory?.close()
    throw isSyscallError(error) ? refusal(context.sys, { stage: 'pin', subject: path, action: 'be opened or made', error }) : error
  }
}

function policyFor({ name }: MapPlan, { pinPolicy }: LoadOptions): PinPolicy | undefined {
  return typeof pinPolicy === 'object' ? pinPolicy[name] : pinPolicy
}

function freshPin(path: string): NewPin {
  const directory = dirname(path)
  const directoryIsNew = !existsSync(directory)
  return {
    keep() {},
    [Symbol.dispose]() {
      removePin(path)
      if (directoryIsNew) removeIfEmpty(directory)
    },
  }
}

/** Holds what was pinned before until it is certain that it is not needed any more. */
function replacingPin(sys: Sys, path: string): NewPin {
  const previous = tryOpenPin(sys, path)
  if (previous === undefined) return freshPin(path)
  return {
    keep: () => previous.close(),
    [Symbol.dispose]() {
      using before = previous
      pinObject(sys, before.fd, path, { ifExists: 'replace' })
    },
  }
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory)
  } catch {
    // Something else is in there by now.
  }
}
