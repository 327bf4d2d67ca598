import { basename } from 'node:path'
import { type Context, type LoadedProgram, objectName, open, VerifierError, type VerifierStatistics } from '@bpf/loader'
import type { FailedProgram } from '@bpf/object'
import { LogLevel } from '@bpf/sys'
import type { ProgramStatistics } from './statistics'

/** Where numbers come from that a measurement carries along. */
interface Origin {
  readonly kernel: string
  readonly object: string
}

/**
 * Loads every program of an object and asks the verifier for its statistics only; one that is rejected does not stop the others.
 *
 * @throws LoadError if the object as a whole cannot be loaded, ElfError, ObjectError
 */
export function measureObject(bytes: Uint8Array, path: string, kernel: string, context: Context): ProgramStatistics[] {
  const object = open(bytes, { name: objectName(path), context })
  for (const program of object.spec.programs) program.autoLoad = true
  using loaded = object.load({ keepGoing: true, log: { level: LogLevel.Stats } })
  const origin: Origin = { kernel, object: basename(path) }
  return [
    ...[...loaded.programs.values()].map(program => ofLoaded(origin, program)),
    ...loaded.failures.map(failure => ofFailed(origin, failure)),
  ]
}

function ofLoaded(origin: Origin, program: LoadedProgram): ProgramStatistics {
  const { jitedBytes } = program.info()
  return {
    ...origin,
    program: program.name,
    verdict: 'success',
    ...counts(program.verifierStatistics),
    size: program.plan.code.length / 8,
    jited: jitedBytes,
    reason: undefined,
  }
}

function ofFailed(origin: Origin, { name, error }: FailedProgram): ProgramStatistics {
  const rejection = error instanceof VerifierError ? error : undefined
  return {
    ...origin,
    program: name,
    verdict: 'failure',
    ...counts(rejection?.parsed.statistics),
    size: 0,
    jited: 0,
    reason: rejection?.summary ?? error.message,
  }
}

function counts(statistics: VerifierStatistics | undefined) {
  return {
    duration: statistics?.verificationMicroseconds ?? 0,
    insns: statistics?.processedInstructions ?? 0,
    states: statistics?.totalStates ?? 0,
    peakStates: statistics?.peakStates ?? 0,
    maxStatesPerInsn: statistics?.maxStatesPerInstruction ?? 0,
    stack: totalStack(statistics?.stackDepth),
  }
}

/** `32+8` is 40. */
export function totalStack(depths = ''): number {
  return depths
    .split('+')
    .map(Number)
    .filter(Number.isFinite)
    .reduce((sum, depth) => sum + depth, 0)
}
