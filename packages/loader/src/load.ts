import type { Link } from '@bpf/attach'
import type { FailedProgram, LoadPlan, StructOpsPlan } from '@bpf/object'
import type { Fd } from '@bpf/sys'
import { attachContextOf, type ObjectAttachContext } from './attach-context'
import { uploadBtf } from './commit/btf'
import type { CreatedMap } from './commit/created-map'
import { raiseLockedMemory } from './commit/locked-memory'
import { createMap } from './commit/map-create'
import { loadPrograms } from './commit/programs'
import type { Session } from './commit/session'
import { fillSlots } from './commit/slots'
import { openToken } from './commit/token'
import type { Context } from './context'
import { LoadError } from './errors'
import type { LoadOptions } from './load-options'
import type { LoadedProgram } from './loaded-program'
import { Undo } from './undo'

/** Everything a committed plan left in the kernel; descriptors owned by the receiver. */
export interface Committed {
  readonly maps: ReadonlyMap<string, CreatedMap>
  readonly programs: ReadonlyMap<string, LoadedProgram>
  readonly failures: readonly FailedProgram[]
  /** To be registered, with its programs. */
  readonly structOps: readonly StructOpsPlan[]
  /** What the kernel would not take and could be done without, a sentence each. */
  readonly warnings?: readonly string[]
  /** Of objects that were found among pins. */
  readonly links?: readonly Link[]
  /** Of all programs of the object. */
  readonly attachContext: ObjectAttachContext
}

export interface CommitOptions extends LoadOptions {
  /** Groups of programs of which only the first that loads is wanted, by name. */
  readonly anyOf?: readonly (readonly string[])[]
  /** Maps that are there already, by name; they stay their owner's. */
  readonly existing?: (map: string) => Fd | undefined
  /** That of the object's programs that are loaded already. */
  readonly attachContext?: ObjectAttachContext | undefined
}

/**
 * Carries a plan out: BTF, maps, programs, slots. The one place where system calls happen in sequence. When a step fails,
 * everything before it is taken back.
 *
 * @throws LoadError, VerifierError, or the error of a program that could not be planned
 */
export function commit(context: Context, plan: LoadPlan, options: CommitOptions = {}): Committed {
  const undo = new Undo()
  if (options.raiseMemlock !== false) raiseLockedMemory(context)
  using token = openToken(context.sys, options)
  using btf = uploadBtf({ context, plan, options, tokenFd: token?.fd })
  const session: Session = { context, plan, options, btfFd: btf.fd?.fd, tokenFd: token?.fd }
  try {
    const committed = carryOut(session, options, undo)
    undo.keep()
    for (const { pin } of committed.maps.values()) pin?.keep()
    return { ...committed, warnings: btf.warning === undefined ? [] : [btf.warning] }
  } catch (error) {
    throw undo.because(error)
  }
}

function carryOut(session: Session, options: CommitOptions, undo: Undo): Committed {
  const { context, plan } = session
  const { anyOf = [], existing = () => undefined } = options
  const maps = createMaps(session, existing, undo)
  const mapFd = (name: string): Fd | undefined => maps.get(name)?.fd.fd ?? existing(name)
  for (const map of maps.values()) fillSlots(context.sys, map, 'map', mapFd)

  const attachContext = options.attachContext ?? attachContextOf(context, { mapFd })
  const objectMaps = { mapFd: (name: string) => mapFd(name) ?? notPlanned(name), attachContext }
  const { programs, failures } = loadPrograms(session, anyOf, objectMaps, undo)
  const programFd = (name: string): Fd | undefined => programs.get(name)?.fd
  for (const map of maps.values()) fillSlots(context.sys, map, 'program', programFd)
  return { maps, programs, failures, structOps: plan.structOps, attachContext }
}

function createMaps(session: Session, existing: (map: string) => Fd | undefined, undo: Undo): ReadonlyMap<string, CreatedMap> {
  const maps = new Map<string, CreatedMap>()
  for (const map of session.plan.maps) {
    if (existing(map.name) !== undefined) continue
    const created = createMap(session, map)
    undo.own(created.fd)
    if (created.memory) undo.own(created.memory)
    if (created.pin) undo.own(created.pin)
    maps.set(map.name, created)
    session.options.onEvent?.({ kind: 'map', map: created })
  }
  return maps
}

function notPlanned(map: string): never {
  throw new LoadError({ stage: 'map', subject: map, problem: 'is used by a program but is not in the plan' })
}
