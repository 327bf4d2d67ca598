import { type BpfObject, type LoadedProgram, VerifierError, type VerifierStatistics } from '@bpf/loader'
import type { FailedProgram } from '@bpf/object'
import { LogLevel } from '@bpf/sys'
import type { Measurement } from './statistics'

/**
 * Loads every program of an object and asks the verifier for its statistics only; one that is rejected does not stop the others.
 *
 * @throws LoadError if the object as a whole cannot be loaded
 */
export function measureObject(object: BpfObject, file: string): Measurement[] {
  for (const program of object.spec.programs) program.autoLoad = true
  using loaded = object.load({ keepGoing: true, log: { level: LogLevel.Stats } })
  return [
    ...[...loaded.programs.values()].map(program => ofLoaded(file, program)),
    ...loaded.failures.map(failure => ofFailed(file, failure)),
  ]
}

function ofLoaded(object: string, program: LoadedProgram): Measurement {
  return {
    object,
    program: program.name,
    verdict: 'success',
    ...counts(program.verifierStatistics),
    size: program.plan.code.length / 8,
    jited: program.info().jitedBytes,
  }
}

function ofFailed(object: string, { name, error }: FailedProgram): Measurement {
  const rejection = error instanceof VerifierError ? error : undefined
  return {
    object,
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
