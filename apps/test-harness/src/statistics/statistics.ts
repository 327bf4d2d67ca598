/** What verifying one program took, as the verifier counted it. */
export interface Measurement {
  /** File name of the object. */
  readonly object: string
  readonly program: string
  readonly verdict: 'success' | 'failure'
  /** Microseconds. */
  readonly duration: number
  /** Instructions that were walked, over all paths. */
  readonly insns: number
  readonly states: number
  readonly peakStates: number
  readonly maxStatesPerInsn: number
  /** Bytes of stack, all functions together. */
  readonly stack: number
  /** Instructions of the program as it was given to the kernel. */
  readonly size: number
  /** Bytes of native code. */
  readonly jited: number
  /** Of a failure: what the verifier said. */
  readonly reason?: string | undefined
}

/** On one kernel. */
export interface ProgramStatistics extends Measurement {
  readonly kernel: string
}

/** The columns of numbers. */
export const numberKeys = ['duration', 'insns', 'states', 'peakStates', 'maxStatesPerInsn', 'stack', 'size', 'jited'] as const
/** The columns of text. */
export const textKeys = ['kernel', 'object', 'program', 'verdict'] as const

export type NumberKey = (typeof numberKeys)[number]
export type StatisticsKey = NumberKey | (typeof textKeys)[number]

export const statisticsKeys: readonly StatisticsKey[] = [...textKeys, ...numberKeys]

export function isStatisticsKey(text: string): text is StatisticsKey {
  return (statisticsKeys as readonly string[]).includes(text)
}

export function isNumberKey(text: string): text is NumberKey {
  return (numberKeys as readonly string[]).includes(text)
}
