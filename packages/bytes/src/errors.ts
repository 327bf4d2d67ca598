/**
 * The error base of every `@bpf` package.
 *
 * Each error carries a stable `code` (`ERR_BPF_…`), the cause in its first line, and, where one is known, a `hint` that
 * says what to do. `instanceof` works by a brand rather than by identity, so it also holds when two copies of a package
 * are installed.
 */
export interface BpfErrorOptions {
  /** What the user can do about it, one sentence; a function where that takes a search, which is made when it is read. */
  readonly hint?: string | (() => string | undefined) | undefined
  /** The error underneath, if any. */
  readonly cause?: unknown
}

const brand = Symbol.for('@bpf/bytes:BpfError')
const inspectCustom = Symbol.for('nodejs.util.inspect.custom')

export class BpfError extends Error {
  override readonly name: string = 'BpfError'
  /** Stable across versions; made for `switch` and for searching. */
  readonly code: string
  /** Absent, not undefined, where there is none: what is there is printed. */
  declare readonly hint: string | undefined

  constructor(code: string, message: string, options: BpfErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    const { hint } = options
    if (typeof hint === 'function') Object.defineProperty(this, 'hint', { get: once(hint), enumerable: true, configurable: true })
    else if (hint !== undefined) this.hint = hint
  }

  /** Of the prototype, so that Node does not print it with every error. */
  get [brand](): true {
    return true
  }

  /** How Node prints it where nobody catches it: hints that take a search are looked for, instead of said to be getters. */
  [inspectCustom](_depth: number, options: object, inspect: (value: unknown, options: object) => string): string {
    for (let error: unknown = this; error instanceof BpfError; error = error.cause) {
      const { hint } = error
      if (Object.hasOwn(error, 'hint')) Object.defineProperty(error, 'hint', { value: hint, enumerable: hint !== undefined })
    }
    return inspect(this, { ...options, customInspect: false })
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (typeof value !== 'object' || value === null || !(brand in value)) return false
    // A subclass matches by the prototype chain, or, for another copy of the package, by its name.
    // biome-ignore lint/complexity/noThisInStatic: `this` is the class on the right of `instanceof`.
    return this === BpfError || Function.prototype[Symbol.hasInstance].call(this, value) || hasName(value, this.name)
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

function hasName(value: object, name: string): boolean {
  return 'name' in value && value.name === name
}

/** A read past the end of the bytes, or a size or offset that cannot be right. */
export class BoundsError extends BpfError {
  override readonly name = 'BoundsError'
  /** What was being read, e.g. `section .BTF`. */
  readonly context: string
  /** Where the read began, in bytes from the start of `context`. */
  readonly offset: number
  /** How many bytes were asked for. */
  readonly wanted: number
  /** How many bytes there are in all. */
  readonly available: number

  constructor(fields: { context: string; offset: number; wanted: number; available: number }) {
    const { context, offset, wanted, available } = fields
    super('ERR_BPF_BOUNDS', `${context}: read of ${wanted} bytes at 0x${offset.toString(16)} is past the end (${available} bytes)`)
    this.context = context
    this.offset = offset
    this.wanted = wanted
    this.available = available
  }
}

/** A 64-bit size or offset above 2^53-1, which no real file holds. */
export class UnsafeIntegerError extends BpfError {
  override readonly name = 'UnsafeIntegerError'

  constructor(fields: { context: string; offset: number; value: bigint }) {
    super(
      'ERR_BPF_UNSAFE_INTEGER',
      `${fields.context}: value 0x${fields.value.toString(16)} at 0x${fields.offset.toString(16)} is not a possible size or offset`,
    )
  }
}
