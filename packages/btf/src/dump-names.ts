import type { CNames } from './c-names'
import { type Btf, BtfKind, type BtfType, type EnumType, type FloatType, type IntType } from './types'

/** Names that are made of C's own words for integer and floating-point types. */
const builtInName = /^(?:(?:signed|unsigned|char|short|int|long|__int128|_Bool|float|double|_Float16|_Complex)(?: |$))+$/

/** Whether a compiler knows the type by that name. Other languages than C have ints called `u8`. */
export function isBuiltIn(type: BtfType): boolean {
  return (type.kind === 'int' || type.kind === 'float') && builtInName.test(type.name)
}

/** Typedefs that compilers have already, and not the same on each machine: the kernel's is of another size than BPF's. */
const reserved = ['__builtin_va_list']

const intsBySize = new Map([
  [1, 'char'],
  [2, 'short'],
  [4, 'int'],
  [8, 'long long'],
  [16, '__int128'],
])

/** The C type of the same size, for ints and floats that C has no name for. */
export function standIn(type: IntType | FloatType): string {
  if (type.kind === 'float') return type.size === 4 ? 'float' : type.size === 8 ? 'double' : 'long double'
  if (type.encoding.bool) return '_Bool'
  return `${type.encoding.signed ? 'signed' : 'unsigned'} ${intsBySize.get(type.size) ?? 'int'}`
}

/** Names in use, none twice. */
class NameSpace {
  readonly #used = new Set<string>()
  /** The number to try next for a name. */
  readonly #next = new Map<string, number>()

  has(name: string): boolean {
    return this.#used.has(name)
  }

  /** The name, or the first free one of `name___2`, `name___3` and so on; it is taken from then on. */
  take(name: string): string {
    let candidate = name
    let number = this.#next.get(name) ?? 2
    while (this.#used.has(candidate)) candidate = `${name}___${number++}`
    this.#next.set(name, number)
    this.#used.add(candidate)
    return candidate
  }
}

/** Kinds that a name in the header can be of. */
const namedKinds: ReadonlySet<number> = new Set([
  BtfKind.Int,
  BtfKind.Float,
  BtfKind.Struct,
  BtfKind.Union,
  BtfKind.Enum,
  BtfKind.Enum64,
  BtfKind.Fwd,
  BtfKind.Typedef,
])

/**
 * One name for each type, so that a whole blob can be one header. BTF of many compilation units has different types of the
 * same name; C has one name space for tags, and one for typedefs, enumerators and functions. The first type of a
 * name, by id, keeps it; others become `name___2`, `name___3`, which CO-RE takes for the same.
 */
export class DumpNames implements CNames {
  readonly #names = new Map<number, string>()
  readonly #identifiers = new NameSpace()

  /** @param functions names that must stay as they are */
  constructor(btf: Btf, functions: Iterable<string>) {
    for (const name of [...reserved, ...functions]) this.#identifiers.take(name)
    const types: BtfType[] = []
    for (let id = 1; id < btf.endId; id++) if (namedKinds.has(btf.kindOf(id)) && btf.nameOf(id) !== '') types.push(btf.type(id))
    this.#nameTags(types)
    this.#nameIdentifiers(types)
  }

  tag(type: BtfType): string {
    return this.#names.get(type.id) ?? type.name
  }

  identifier(type: BtfType): string {
    return this.#names.get(type.id) ?? type.name
  }

  /** To be asked for each time that the enum is written: without a name it is written at every use. */
  enumerator(type: EnumType, index: number): string {
    return this.#identifiers.take(type.values[index]?.name ?? '')
  }

  /** Definitions go first. A declaration shares the tag of a definition if it is one of the same kind. */
  #nameTags(types: readonly BtfType[]): void {
    const tagged = types.filter(type => tagKeyword(type) !== undefined)
    const tags = new NameSpace()
    const definitions = tagged.filter(type => !isForward(type))
    this.#nameEach(definitions, tags)
    const keywords = new Map(definitions.map(type => [this.tag(type), tagKeyword(type)]))
    for (const type of tagged.filter(isForward)) {
      const shared = (keywords.get(type.name) ?? tagKeyword(type)) === tagKeyword(type)
      const tag = shared && tags.has(type.name) ? type.name : tags.take(type.name)
      keywords.set(tag, tagKeyword(type))
      this.#names.set(type.id, tag)
    }
  }

  /** Typedefs go first: where another language's int has the name of a typedef, it is the typedef that C code means. */
  #nameIdentifiers(types: readonly BtfType[]): void {
    const typedefs = types.filter(type => type.kind === 'typedef')
    const scalars = types.filter(type => (type.kind === 'int' || type.kind === 'float') && !isBuiltIn(type))
    this.#nameEach([...typedefs, ...scalars], this.#identifiers)
  }

  /** The first of each name takes it, before any other gets a number: a type may be called `name___2` to begin with. */
  #nameEach(types: readonly BtfType[], used: NameSpace): void {
    const others: BtfType[] = []
    for (const type of types) {
      if (used.has(type.name)) others.push(type)
      else this.#names.set(type.id, used.take(type.name))
    }
    for (const type of others) this.#names.set(type.id, used.take(type.name))
  }
}

function tagKeyword(type: BtfType): 'struct' | 'union' | 'enum' | undefined {
  switch (type.kind) {
    case 'struct':
    case 'union':
      return type.kind
    case 'enum':
    case 'enum64':
      return 'enum'
    case 'fwd':
      return type.of
    default:
      return undefined
  }
}

/** An enum without values is how compilers write one that is only declared. */
function isForward(type: BtfType): boolean {
  return type.kind === 'fwd' || ('values' in type && type.values.length === 0)
}
