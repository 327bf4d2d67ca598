import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type LoadPlan,
  type ObjectSpec,
  type PlanOptions,
  type ProgramSpec,
  plan,
  readObject,
  setRecordType,
  setVariable,
} from '@bpf/object'
import { checkNames } from './check-names'
import { signedCode } from './commit/signed-code'
import { type Context, createContext } from './context'
import { LoadError, NotFoundError } from './errors'
import { commit } from './load'
import type { LoadOptions } from './load-options'
import { LoadedObject } from './loaded-object'
import { checkPins } from './object-pins'
import type { NameIn, ObjectTypes, ProgramsOf, RecordsOf, VariablesOf } from './object-types'
import { readObjectFile } from './read-file'
import { openPinnedObject } from './take-over'

export interface OpenOptions {
  /** Name of the object, for maps of its data sections; from the file name unless given. */
  readonly name?: string
  /** Shared with other objects, so that the kernel's BTF is read once; one of its own unless given. */
  readonly context?: Context
}

/**
 * Opens a compiled object: a path or `file:` URL, or its bytes. Nothing is created in the kernel yet.
 *
 * @typeParam Types What the object contains, see `ObjectTypes`; unknown names and values unless declared.
 * @throws LoadError if the file cannot be read; ElfError, ObjectError, BtfError
 */
export function open<Types extends ObjectTypes = ObjectTypes>(
  source: string | URL | Uint8Array,
  options: OpenOptions = {},
): BpfObject<Types> {
  const path = source instanceof URL ? fileURLToPath(source) : source
  const bytes = typeof path === 'string' ? readObjectFile(path) : checkBytes(path)
  const name = options.name ?? (typeof path === 'string' ? objectName(path) : 'object')
  return new BpfObject(readObject(bytes, { name }), options.context ?? createContext())
}

/** For callers without types. @throws LoadError */
function checkBytes(bytes: Uint8Array): Uint8Array {
  if (ArrayBuffer.isView(bytes)) return bytes
  throw new LoadError({ stage: 'file', subject: String(bytes), problem: 'is no object: pass a path, a URL, or the bytes of a file' })
}

/** `execsnoop` of `/tmp/execsnoop.bpf.o`. */
export function objectName(path: string): string {
  return basename(path).split('.')[0] || 'object'
}

/** An object that was read and can still be changed: through the methods here, or by assigning to the fields of `spec`. */
export class BpfObject<Types extends ObjectTypes = ObjectTypes> {
  readonly spec: ObjectSpec
  readonly context: Context
  readonly #anyOf: (readonly string[])[] = []

  constructor(spec: ObjectSpec, context: Context) {
    this.spec = spec
    this.context = context
  }

  /** Gives a global variable its value before loading; checked against its type. @throws ObjectError, EncodeError */
  set<Name extends NameIn<VariablesOf<Types>>>(variable: Name, value: VariablesOf<Types>[Name]): this {
    setVariable(this.spec, variable, value)
    return this
  }

  /** Says what the records of a ring or perf buffer are, by a type's name: `recordType('events', 'struct event')`. @throws ObjectError */
  recordType(buffer: NameIn<RecordsOf<Types>>, type: string): this {
    setRecordType(this.spec, buffer, type)
    return this
  }

  /** Leaves only these programs to be loaded. @throws NotFoundError */
  only(...names: ProgramsOf<Types>[]): this {
    const chosen = new Set(names.map(name => this.#program(name)))
    for (const program of this.spec.programs) program.autoLoad = chosen.has(program)
    return this
  }

  /** Lets these programs fail: that is reported in `failures`, and the rest goes on. @throws NotFoundError */
  optional(...names: ProgramsOf<Types>[]): this {
    for (const name of names) this.#program(name).optional = true
    return this
  }

  /**
   * Loads the first of these programs that the kernel takes, in this order, and none of the others: the same job for newer
   * and for older kernels. It is an error only if none of them loads.
   * @throws NotFoundError
   */
  anyOf(...names: ProgramsOf<Types>[]): this {
    for (const name of names) {
      const program = this.#program(name)
      program.autoLoad = true
      // One that cannot even be planned must not end the plan: the next one has its chance.
      program.optional = true
    }
    this.#anyOf.push(names)
    return this
  }

  /** What loading would do on this kernel, as data. */
  plan(options: PlanOptions = {}): LoadPlan {
    return plan(this.spec, this.context.kernel, options)
  }

  /**
   * What a signature of a program is over (Linux 6.18): its instructions as they are planned for this kernel. Variables, maps
   * and types that are changed later change them. @throws NotFoundError, LoadError, the error of a program that cannot be planned
   */
  signedCode(name: ProgramsOf<Types>): Uint8Array {
    this.#program(name)
    const planned = this.plan({ keepGoing: true }).programs.find(program => program.name === name)
    if (planned === undefined) throw new LoadError({ stage: 'program', subject: name, problem: 'is not among those to be loaded' })
    if (planned.error !== undefined) throw planned.error
    return signedCode(planned)
  }

  /**
   * Creates the maps and loads the programs.
   * @throws NotFoundError, LoadError, VerifierError, PlanError; everything is taken back then
   */
  load(options: LoadOptions = {}): LoadedObject<Types> {
    checkNames(this.spec, options)
    const planned = this.plan({ keepGoing: options.keepGoing === true })
    return new LoadedObject(this.context, this.spec, planned, commit(this.context, planned, { ...options, anyOf: this.#anyOf }))
  }

  /**
   * Whether `LoadedObject.pin` could keep it in a directory, before anything is loaded. `planned`: what is to be loaded, where that is
   * known already.
   * @throws PinError if that cannot be on a bpf file system, LoadError if a name of a map or program is taken there
   */
  checkPins(directory: string, planned: LoadPlan = this.plan({ keepGoing: true })): void {
    const { maps, programs } = planned
    checkPins(directory, [
      ...maps.map(({ name }) => ({ kind: 'maps', name }) as const),
      ...programs.filter(({ error }) => error === undefined).map(({ name }) => ({ kind: 'programs', name }) as const),
    ])
  }

  /**
   * The maps, programs and links that `LoadedObject.pin` left in a directory, perhaps by another process. What is pinned stays
   * attached until `unpin(directory)`; a single link until its `detach()`.
   * @throws LoadError if a map is missing, PinMismatchError if it is another than this object's
   */
  takeOver(directory: string): LoadedObject<Types> {
    const planned = this.plan()
    return new LoadedObject(this.context, this.spec, planned, openPinnedObject(this.context, planned, directory))
  }

  #program(name: string): ProgramSpec {
    const found = this.spec.programs.find(program => program.name === name)
    if (found !== undefined) return found
    const known = this.spec.programs.map(program => program.name)
    throw new NotFoundError('program', name, known)
  }
}
