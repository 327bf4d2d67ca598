/** A type of the target with what became of it. */
export interface CandidateVerdict {
  readonly name: string
  readonly typeId: number
  readonly module: string | undefined
  /** The first thing that differs; undefined = it decided the relocation. */
  readonly mismatch: string | undefined
}

/** What a record comes to on the target; the same for every instruction that asks it. */
export interface CoreResolution {
  readonly kind: number
  readonly path: string
  readonly access: string
  readonly candidates: readonly CandidateVerdict[]
  /** The value for the program's own types. */
  readonly before: bigint
  /** The value for the target's; undefined = there is none, the instruction must not be reached. */
  readonly after: bigint | undefined
  /** `before` must be in the instruction. */
  readonly checked: boolean
  /** Bytes that a load or store at a byte offset moves, before and after; equal where that does not apply. */
  readonly widthBefore: number
  readonly widthAfter: number
  /** A change of width keeps the value: pointers, and unsigned ints on both sides. */
  readonly widthMayChange: boolean
}
