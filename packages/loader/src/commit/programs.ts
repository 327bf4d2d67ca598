import type { AttachContext } from '@bpf/attach'
import { BpfError } from '@bpf/bytes'
import type { FailedProgram, ProgramPlan } from '@bpf/object'
import { LoadError } from '../errors'
import { LoadedProgram } from '../loaded-program'
import type { Undo } from '../undo'
import { loadProgram, type MapFd } from './program-load'
import type { Session } from './session'

export interface LoadedPrograms {
  readonly programs: ReadonlyMap<string, LoadedProgram>
  /** Of optional programs and of `anyOf` groups, and with `keepGoing` of all. */
  readonly failures: readonly FailedProgram[]
}

/** What programs use of the object's maps: when they are loaded, and when they are attached. */
export interface ObjectMaps {
  readonly mapFd: MapFd
  readonly attachContext: AttachContext
}

/**
 * Loads the programs of a plan, one by one.
 *
 * @param anyOf Groups of which only the first program that loads is wanted. Its place is that of its first member.
 * @throws VerifierError, LoadError, or the error of a program that could not be planned
 */
export function loadPrograms(session: Session, anyOf: readonly (readonly string[])[], objectMaps: ObjectMaps, undo: Undo): LoadedPrograms {
  const { options, plan } = session
  const programs = new Map<string, LoadedProgram>()
  const failures: FailedProgram[] = []

  const load = (planned: ProgramPlan | FailedProgram): boolean => {
    const outcome = attempt(session, planned, objectMaps)
    if ('error' in outcome) {
      failures.push(outcome)
      options.onEvent?.({ kind: 'failed', program: outcome })
      return false
    }
    const program = undo.own(outcome)
    programs.set(program.name, program)
    options.onEvent?.({ kind: 'program', program, log: program.log })
    return true
  }

  const loadFirst = (group: readonly string[]): void => {
    const members = group.flatMap(name => plan.programs.find(program => program.name === name) ?? [])
    if (!members.some(load)) throwUnless(options.keepGoing, noneOf(members, failures))
  }

  const pending = new Set(anyOf)
  for (const planned of plan.programs) {
    const group = anyOf.find(names => names.includes(planned.name))
    if (group === undefined) {
      if (!load(planned) && !planned.optional) throwUnless(options.keepGoing, failures.at(-1)?.error)
    } else if (pending.delete(group)) loadFirst(group)
  }
  return { programs, failures }
}

function attempt(
  session: Session,
  planned: ProgramPlan | FailedProgram,
  { mapFd, attachContext }: ObjectMaps,
): LoadedProgram | FailedProgram {
  if (planned.error !== undefined) return planned
  try {
    const { fd, log } = loadProgram(session, planned, mapFd)
    return new LoadedProgram(attachContext, planned, fd, log)
  } catch (error) {
    if (!(error instanceof BpfError)) throw error
    const { name, section, optional } = planned
    return { name, section, optional, error }
  }
}

function throwUnless(keepGoing: boolean | undefined, error: BpfError | undefined): void {
  if (keepGoing !== true && error !== undefined) throw error
}

function noneOf(members: readonly { readonly name: string }[], failures: readonly FailedProgram[]): LoadError {
  const reasons = members.map(({ name }) => failures.findLast(failure => failure.name === name)?.error)
  const first = reasons.find(reason => reason !== undefined)
  const names = members.map(({ name }) => name)
  const problem = `cannot be loaded, nor can ${names.slice(1).join(', ') || 'another'} in its place: ${first?.message ?? ''}`
  return new LoadError({ stage: 'program', subject: names[0] ?? '', problem, cause: first })
}
