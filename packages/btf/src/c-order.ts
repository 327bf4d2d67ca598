import { BtfError } from './errors'
import type { Btf, BtfType, CompositeType, FuncProtoType, TypeId } from './types'

/** One step of a header: a definition, or `struct name;` ahead of it. */
export interface Step {
  readonly kind: 'define' | 'declare'
  readonly id: TypeId
}

/**
 * How a type is used: `whole` by value; `mentioned` behind a pointer, where C needs no more than a tag; `inPrototype` the
 * same among parameters, where a tag not declared before would be a new one, known to that prototype alone.
 */
type Use = 'whole' | 'mentioned' | 'inPrototype'

/** Deepest nesting of types that need each other; a kernel's is below a hundred. */
const deepest = 512

/**
 * The order in which C wants types: what is held by value is defined before. Structs and unions behind pointers need nothing or a
 * declaration; enums and typedefs cannot be declared ahead and are defined before they are mentioned.
 */
export class DefinitionOrder {
  readonly #btf: Btf
  readonly #isBuiltIn: (type: BtfType) => boolean
  readonly #defined = new Set<number>()
  readonly #declared = new Set<number>()
  /** What is being prepared, the innermost last. */
  readonly #open = new Set<number>()
  /** Nameless types and typedefs whose parts have been seen to, by use. */
  readonly #visited = { whole: new Set<number>(), mentioned: new Set<number>(), inPrototype: new Set<number>() }
  #innermost = 0
  #steps: Step[] = []
  #depth = 0

  /** @param isBuiltIn types that the compiler knows without a definition */
  constructor(btf: Btf, isBuiltIn: (type: BtfType) => boolean) {
    this.#btf = btf
    this.#isBuiltIn = isBuiltIn
  }

  /** The steps, not taken before, up to the definition of a type. @throws BtfError if a type holds itself. */
  stepsTo(id: number): readonly Step[] {
    this.#steps = []
    this.#depth = 0
    this.#need(id, this.#btf.type(id).kind === 'fwd' ? 'inPrototype' : 'whole')
    return this.#steps
  }

  #need(id: number, use: Use): void {
    const type = this.#btf.type(id)
    if (++this.#depth > deepest) throw impossible(type)
    this.#visit(type, use)
    this.#depth--
  }

  #visit(type: BtfType, use: Use): void {
    switch (type.kind) {
      case 'const':
      case 'volatile':
      case 'restrict':
      case 'typeTag':
        this.#need(type.type, use)
        break
      case 'ptr':
        this.#need(type.type, use === 'whole' ? 'mentioned' : use)
        break
      case 'array':
        this.#need(type.type, 'whole')
        break
      case 'funcProto':
        this.#prototype(type, use)
        break
      case 'struct':
      case 'union':
        this.#composite(type, use)
        break
      case 'fwd':
        this.#declare(type, use)
        break
      case 'typedef':
        this.#define(type, () => this.#need(type.type, 'mentioned'))
        // What was mentioned may now have to be whole: the typedef of a struct that has only been declared.
        if (use === 'whole') this.#once(type, use, () => this.#need(type.type, use))
        break
      case 'enum':
      case 'enum64':
      case 'int':
      case 'float':
        // An enum without a name is written where it is used.
        if (type.name !== '') this.#define(type, () => undefined)
        break
      default:
        break
    }
  }

  #prototype(type: FuncProtoType, use: Use): void {
    this.#once(type, use, () => {
      this.#need(type.returnType, use === 'whole' ? 'mentioned' : use)
      for (const param of type.params) this.#need(param.type, 'inPrototype')
    })
  }

  #composite(type: CompositeType, use: Use): void {
    const members = (): void => {
      for (const member of type.members) this.#need(member.type, 'whole')
    }
    // Without a name it is written where it is used, be it behind a pointer.
    if (type.name === '') this.#once(type, use, () => this.#prepare(type, members, false))
    else if (use === 'whole') this.#define(type, members)
    else this.#declare(type, use)
  }

  #define(type: BtfType, dependencies: () => void): void {
    if (this.#defined.has(type.id) || this.#isBuiltIn(type)) return
    this.#prepare(type, dependencies, true)
    this.#defined.add(type.id)
    this.#steps.push({ kind: 'define', id: type.id })
  }

  /** Runs `dependencies` with the type marked as open. */
  #prepare(type: BtfType, dependencies: () => void, named: boolean): void {
    if (this.#open.has(type.id)) throw impossible(type)
    const outer = this.#innermost
    if (named) this.#innermost = type.id
    this.#open.add(type.id)
    dependencies()
    this.#open.delete(type.id)
    this.#innermost = outer
  }

  #declare(type: BtfType, use: Use): void {
    const known = this.#defined.has(type.id) || this.#declared.has(type.id) || this.#innermost === type.id
    if (use !== 'inPrototype' || known || type.name === '') return
    this.#declared.add(type.id)
    this.#steps.push({ kind: 'declare', id: type.id })
  }

  #once(type: BtfType, use: Use, visit: () => void): void {
    if (this.#visited[use].has(type.id)) return
    this.#visited[use].add(type.id)
    visit()
  }
}

function impossible(type: BtfType): BtfError {
  return new BtfError(
    `type ${type.id} (${type.kind}${type.name === '' ? '' : ` ${type.name}`}) cannot be defined in C: it contains itself`,
    {
      code: 'ERR_BPF_BTF_CYCLE',
      typeId: type.id,
    },
  )
}
