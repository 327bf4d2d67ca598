import { EncodeError } from '@bpf/btf'
import { BpfError, nearNames } from '@bpf/bytes'
import type { ValueCodec } from '../codec/codec'
import { type ArenaVariables, arenaMemory } from './arena-memory'
import { type ArrayMemory, type ArrayMemoryOptions, openArrayMemory } from './array-memory'

export interface GlobalVariable {
  readonly name: string
  /** Bytes from the beginning of the section. */
  readonly offset: number
  readonly codec: ValueCodec<unknown>
}

export type GlobalsOptions = (ArrayMemoryOptions | ArenaVariables) & {
  /** Of several that have one name, the first counts; what is not inside of the section is passed over. */
  readonly variables: readonly GlobalVariable[]
}

/**
 * The global variables of a data section, as they are now: an array map of one value, or a place in an arena. Where it can be
 * mapped, which is so for every section that programs write since Linux 5.5, reading and writing make no system call. Close it
 * before the map.
 */
export class Globals<T extends Record<string, unknown> = Record<string, unknown>> implements Disposable {
  /**
   * The variables as properties: each access reads or writes what programs see at that moment. Throws as `get` and `set`.
   */
  readonly values: T
  readonly #memory: ArrayMemory
  readonly #variables = new Map<string, GlobalVariable>()

  /** @throws SyscallError */
  constructor(options: GlobalsOptions) {
    const size = 'arena' in options ? options.arena.size - options.base : options.shape.valueSize
    let largest = 0
    for (const variable of options.variables) {
      const { name, offset, codec } = variable
      if (offset < 0 || offset + codec.size > size || this.#variables.has(name)) continue
      this.#variables.set(name, variable)
      largest = Math.max(largest, codec.size)
    }
    this.#memory = 'arena' in options ? arenaMemory(options, largest) : openArrayMemory(options)
    this.values = this.#properties()
  }

  get names(): readonly string[] {
    return [...this.#variables.keys()]
  }

  /** False for read-only data. */
  get writable(): boolean {
    return this.#memory.writable
  }

  /**
   * Whether it is the map's own memory. Otherwise each access is a system call, and writing one variable writes back all: what
   * programs write meanwhile is lost.
   */
  get live(): boolean {
    return this.#memory.live
  }

  has(name: string): boolean {
    return this.#variables.has(name)
  }

  /** @throws VariableError if there is none of that name, ClosedError, SyscallError */
  get<N extends keyof T & string>(name: N): T[N] {
    const { offset, codec } = this.#find(name)
    return codec.decode(this.#memory.read(offset, codec.size), 0) as T[N]
  }

  /**
   * Programs see numbers of up to 8 bytes change at once, and larger values piece by piece. @throws VariableError, also if it is
   * read-only or cannot hold the value, ClosedError, SyscallError
   */
  set<N extends keyof T & string>(name: N, value: T[N]): void {
    const { offset, codec } = this.#find(name)
    if (!this.writable) throw readOnlyError(name)
    this.#memory.write(offset, codec.size, view => encode(name, codec, value, view))
  }

  /** All variables as they are now. */
  snapshot(): T {
    return { ...this.values }
  }

  /** Idempotent. */
  close(): void {
    this.#memory.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #properties(): T {
    const values = {}
    for (const name of this.names) {
      const get = () => this.get(name)
      const set = (value: unknown) => this.set(name, value as T[string])
      Object.defineProperty(values, name, { get, set, enumerable: true })
    }
    return Object.freeze(values) as T
  }

  #find(name: string): GlobalVariable {
    const variable = this.#variables.get(name)
    if (variable !== undefined) return variable
    const near = nearNames(name, this.names)
    const hint = near.length > 0 ? `did you mean ${near.map(each => `"${each}"`).join(' or ')}?` : undefined
    throw new VariableError('ERR_BPF_VARIABLE', `there is no variable "${name}"`, { hint })
  }
}

/** What does not fit is said of the variable. */
function encode(name: string, codec: ValueCodec<unknown>, value: unknown, view: DataView): void {
  try {
    codec.encode(value, view, 0)
  } catch (cause) {
    if (!(cause instanceof BpfError)) throw cause
    // Codecs by BTF are called as the variable, and say where in it.
    const problem = cause instanceof EncodeError && cause.path.startsWith(name) ? cause.message : `"${name}": ${cause.message}`
    throw new VariableError(cause.code, `variable ${problem}`, { cause, hint: cause.hint })
  }
}

function readOnlyError(name: string): VariableError {
  return new VariableError('ERR_BPF_READ_ONLY', `variable "${name}" is constant once the object is loaded`, {
    hint: 'set it before loading: open(…).set(name, value)',
  })
}

/** There is no global variable of that name, or it cannot hold that value, or any. */
export class VariableError extends BpfError {
  override readonly name = 'VariableError'
}
