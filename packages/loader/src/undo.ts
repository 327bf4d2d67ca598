/** What has been made so far, taken back in reverse order when a later step fails. */
export class Undo {
  readonly #steps: (() => void)[] = []

  /** Remembers how to take back `resource`, and returns it. */
  own<T extends Disposable>(resource: T): T {
    this.#steps.push(() => resource[Symbol.dispose]())
    return resource
  }

  /** Runs every step, newest first; the first failure is thrown after all have run. */
  run(): void {
    let failure: { readonly error: unknown } | undefined
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        step()
      } catch (error) {
        failure ??= { error }
      }
    }
    if (failure) throw failure.error
  }

  /** Takes everything back on account of `error`, and returns it, to be thrown: it matters more than what cannot be taken back. */
  because<E>(error: E): E {
    try {
      this.run()
    } catch {
      // What failed first is the cause.
    }
    return error
  }

  /** Everything succeeded: nothing is taken back any more. */
  keep(): void {
    this.#steps.length = 0
  }
}
