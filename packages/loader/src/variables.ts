import { type AnyMap, Globals, type GlobalVariable } from '@bpf/maps'
import type { MapPlan, ObjectSpec, VariableSpec } from '@bpf/object'
import type { Sys } from '@bpf/sys'
import { variableCodec } from './codecs'

/**
 * A global variable of a loaded object. Where the kernel lets user space map the section, reading and writing touch the
 * program's own memory, without a system call; elsewhere the section's whole value is read, and written back.
 */
export interface Variable<T = unknown> {
  readonly name: string
  /** The map of its section: `.data`. */
  readonly map: string
  /** Bytes. */
  readonly size: number
  /** Constants of the program (`.rodata`, `.kconfig`) are fixed when the object is loaded. */
  readonly readOnly: boolean
  /** Its memory is mapped into this process. */
  readonly mapped: boolean
  /** @throws SyscallError, ClosedError */
  get(): T
  /** Changes it for the programs that run, at once. @throws VariableError if it is read-only or cannot hold that, SyscallError, ClosedError */
  set(value: T): void
}

/** The map of a section, once it exists. */
export interface Section {
  readonly handle: AnyMap
  readonly plan: MapPlan
}

/** The global variables of an object whose types are known. Each section is mapped when one of its variables is first asked for. */
export class Variables implements Disposable {
  readonly #sys: Sys
  readonly #spec: ObjectSpec
  readonly #sectionOf: (map: string) => Section | undefined
  readonly #globals = new Map<string, Globals>()

  constructor(sys: Sys, spec: ObjectSpec, sectionOf: (map: string) => Section | undefined) {
    this.#sys = sys
    this.#spec = spec
    this.#sectionOf = sectionOf
  }

  get names(): readonly string[] {
    return this.#spec.variables.filter(variable => this.#isKnown(variable)).map(({ name }) => name)
  }

  has(name: string): boolean {
    return this.#spec.variables.some(variable => variable.name === name && this.#isKnown(variable))
  }

  /** Undefined where there is none of that name. @throws SyscallError */
  get(name: string): Variable | undefined {
    const spec = this.#spec.variables.find(variable => variable.name === name && this.#isKnown(variable))
    const section = spec && this.#sectionOf(spec.map)
    if (spec === undefined || section === undefined) return undefined
    const globals = this.#open(spec.map, section)
    return {
      name,
      map: spec.map,
      size: spec.size,
      readOnly: !globals.writable,
      mapped: globals.live,
      get() {
        // A copy would still be readable, by a descriptor that is somebody else's by now.
        void section.handle.fd
        return globals.get(name)
      },
      set(value) {
        void section.handle.fd
        globals.set(name, value)
      },
    }
  }

  [Symbol.dispose](): void {
    for (const globals of this.#globals.values()) globals.close()
  }

  #isKnown(variable: VariableSpec): boolean {
    return this.#sectionOf(variable.map) !== undefined && variableCodec(this.#spec, variable) !== undefined
  }

  #open(map: string, { handle, plan }: Section): Globals {
    const known = this.#globals.get(map)
    if (known !== undefined) return known
    const variables = this.#spec.variables.flatMap((variable): GlobalVariable[] => {
      const codec = variable.map === map ? variableCodec(this.#spec, variable) : undefined
      return codec === undefined ? [] : [{ name: variable.name, offset: variable.offset, codec }]
    })
    const where =
      handle.kind === 'arena'
        ? { arena: handle, base: plan.contentsOffset }
        : { sys: this.#sys, fd: handle.fd, shape: { ...handle.shape, name: map } }
    const globals = new Globals({ ...where, variables })
    this.#globals.set(map, globals)
    return globals
  }
}
