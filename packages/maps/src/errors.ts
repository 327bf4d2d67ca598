import { BpfError } from '@bpf/bytes'

/** A map operation failed, or was given something of the wrong shape. */
export class MapError extends BpfError {
  override readonly name: string = 'MapError'
  readonly map: string
  /** The message without the name of the map. */
  readonly problem: string

  constructor(code: string, map: string, problem: string, options: { readonly cause?: BpfError; readonly hint?: string | undefined } = {}) {
    super(code, `map "${map}": ${problem}`, { hint: options.hint ?? options.cause?.hint, cause: options.cause })
    this.map = map
    this.problem = problem
  }
}

/** One of many entries failed. Those before it were written, or deleted. */
export class BatchError extends MapError {
  override readonly name = 'BatchError'
  /** Entries that were done before. */
  readonly done: number

  constructor(
    map: string,
    operation: 'update' | 'delete',
    done: number,
    why: { readonly problem: string; readonly cause: BpfError; readonly hint?: string | undefined },
  ) {
    const { problem, cause, hint } = why
    super('ERR_BPF_BATCH', map, `${operation} of entry ${done + 1} failed: ${problem}`, { cause, hint })
    this.done = done
  }
}

/** A key or value of the wrong length. */
export class ValueSizeError extends BpfError {
  override readonly name = 'ValueSizeError'

  constructor(expected: number, value: unknown, unit = 'bytes') {
    super('ERR_BPF_VALUE_SIZE', `expected ${expected} ${unit}, got ${describe(value)}`)
  }
}

/** A value that its type cannot hold. */
export class ValueRangeError extends BpfError {
  override readonly name = 'ValueRangeError'

  constructor(expected: string, value: unknown) {
    super('ERR_BPF_VALUE', `expected ${expected}, got ${describe(value)}`)
  }
}

/** A value in a few words. */
export function describe(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`
  if (Array.isArray(value)) return `${value.length} values`
  if (typeof value === 'string') return JSON.stringify(value)
  if (value === undefined || value === null) return String(value)
  return typeof value === 'object' ? 'an object' : `${String(value)} (${typeof value})`
}

/** A record that is shorter than its type. */
export class RecordSizeError extends BpfError {
  override readonly name = 'RecordSizeError'

  constructor(expected: number, length: number) {
    super('ERR_BPF_RECORD_SIZE', `a record of ${length} bytes where at least ${expected} were expected`, {
      hint: 'the program writes records of another type than the one they are decoded as',
    })
  }
}

/** A sample that no room in the ring will ever be enough for. */
export class SampleSizeError extends BpfError {
  override readonly name = 'SampleSizeError'

  constructor(what: string, length: number, limit: number) {
    super('ERR_BPF_SAMPLE_SIZE', `${what}: a sample of ${length} bytes; it takes 0 to ${limit}`)
  }
}

/** A ring buffer holds what no kernel writes. It has been skipped. */
export class CorruptRingError extends BpfError {
  override readonly name = 'CorruptRingError'

  constructor(problem: string) {
    super('ERR_BPF_RING_CORRUPT', problem, { hint: 'something wrote to the ring besides the kernel' })
  }
}

/** Records go to one reader: two would each see a part of them. */
export class ReaderBusyError extends BpfError {
  override readonly name = 'ReaderBusyError'

  constructor(what: string) {
    super('ERR_BPF_READER_BUSY', `${what} has a reader already`, { hint: 'records go to one reader: end the other one first' })
  }
}
