import { EncodeError } from './codec-error'

/** Where in a value the writer is. One for all writes of a codec: text is made of it only when something is wrong. */
export class ValuePath {
  readonly #root: string
  readonly #steps: (string | number)[] = []

  constructor(root: string) {
    this.#root = root
  }

  push(step: string | number): void {
    this.#steps.push(step)
  }

  pop(): void {
    this.#steps.pop()
  }

  /** Back to the root, after a write that failed. */
  reset(): void {
    this.#steps.length = 0
  }

  toString(): string {
    const steps = this.#steps.map(step => {
      if (typeof step === 'number') return `[${step}]`
      return /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`
    })
    return this.#root + steps.join('')
  }

  fail(message: string, hint?: string): never {
    throw new EncodeError(this.toString(), message, hint)
  }

  expected(what: string, got: unknown): never {
    return this.fail(`expected ${what}, got ${describe(got)}`)
  }
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'function' || typeof value === 'symbol' ? `a ${typeof value}` : String(value)
}
