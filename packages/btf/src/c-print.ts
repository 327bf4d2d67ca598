import { type CNames, plainNames } from './c-names'
import { placeMembers } from './c-place'
import { BtfError } from './errors'
import { maxDepth, tooDeep } from './resolve'
import type { AlignmentCache } from './size'
import type { Btf, BtfType, CompositeType, EnumType, FuncProtoType } from './types'

/**
 * Longest text of one type, in characters: in proportion to the BTF. Types without names are written where they are used, and
 * nested in each other they can multiply without end.
 */
function longestText(btf: Btf): number {
  let size = 0
  for (let part: Btf | undefined = btf; part !== undefined; part = part.base) size += part.bytes.length
  return 65_536 + 32 * size
}

export interface CPrinterOptions {
  readonly names?: CNames
  /** Whether anonymous structs, unions and enums are written out; else they are `struct {...}`. */
  readonly inline?: boolean
}

/** Writes types in C. Make one printer for many types: it remembers alignments. */
export class CPrinter {
  readonly #btf: Btf
  readonly #names: CNames
  readonly #inline: boolean
  readonly #alignments: AlignmentCache = new Map()
  readonly #longest: number
  #spent = 0
  #depth = 0

  constructor(btf: Btf, options: CPrinterOptions = {}) {
    this.#btf = btf
    this.#longest = longestText(btf)
    this.#names = options.names ?? plainNames
    this.#inline = options.inline ?? false
  }

  /** The declaration of `name` as a type: `int (*name)(void)`. Without a name, the type itself: `int (*)(void)`. */
  declaration(id: number, name: string, indent = ''): string {
    return this.#bounded(id, () => this.#declaration(id, name, indent))
  }

  /** `struct name { … }`, `enum name { … }`, with attributes, without semicolon. */
  definition(type: CompositeType | EnumType, indent = ''): string {
    return this.#bounded(type.id, () => ('members' in type ? this.#composite(type, indent) : this.#enumeration(type, indent)))
  }

  /**
   * Follows the chain of types from the outside in, and puts what each says around the declarator: pointers and
   * qualifiers of pointers to its left, arrays and parameters to its right, until a type with a name of its own ends it.
   */
  #declaration(id: number, name: string, indent: string): string {
    let declarator = name
    let pointer = false
    const qualifiers = new Set<string>()
    let tags = ''
    let type = this.#btf.type(id)
    for (let depth = 0; depth < maxDepth; depth++) {
      switch (type.kind) {
        case 'const':
        case 'volatile':
        case 'restrict':
          qualifiers.add(type.kind)
          break
        case 'typeTag':
          tags = ` __attribute__((${type.attribute === true ? type.name : `btf_type_tag("${type.name}")`}))${tags}`
          break
        case 'ptr':
          declarator = joined([`*${tags}`, ...qualifiers].join(' '), declarator)
          qualifiers.clear()
          tags = ''
          pointer = true
          break
        case 'array':
          // Qualifiers of an array are its elements': they stay for what comes next. Those of functions mean nothing.
          declarator = `${pointer ? `(${declarator})` : declarator}[${type.length}]`
          pointer = false
          break
        case 'funcProto':
          declarator = `${pointer ? `(${declarator})` : declarator}(${this.#parameters(type, indent)})`
          qualifiers.clear()
          pointer = false
          type = this.#btf.type(type.returnType)
          continue
        case 'var':
        case 'declTag':
          break
        default:
          return this.#spend(joined(`${[...qualifiers, this.#specifier(type, indent)].join(' ')}${tags}`, declarator))
      }
      type = this.#btf.type(type.type)
    }
    throw tooDeep(id)
  }

  #parameters({ params }: FuncProtoType, indent: string): string {
    const last = params.at(-1)
    if (last === undefined || (params.length === 1 && last.type === 0)) return 'void'
    return params
      .map((param, index) =>
        index === params.length - 1 && param.type === 0
          ? '...'
          : this.#nested(param.type, () => this.#declaration(param.type, param.name, indent)),
      )
      .join(', ')
  }

  /** What a chain ends in: `unsigned int`, `struct name`, or an anonymous struct written out. */
  #specifier(type: BtfType, indent: string): string {
    switch (type.kind) {
      case 'void':
        return 'void'
      case 'struct':
      case 'union':
        return this.#tagged(type.kind, type, () => this.#composite(type, indent))
      case 'enum':
      case 'enum64':
        return this.#tagged('enum', type, () => this.#enumeration(type, indent))
      case 'fwd':
        return this.#tagged(type.of, type)
      case 'typedef':
      case 'int':
      case 'float':
      case 'func':
      case 'datasec':
        return this.#names.identifier(type)
      case 'unknown':
        return `void /* unknown kind ${type.rawKind} */`
      default:
        return type.name
    }
  }

  #tagged(keyword: string, type: BtfType, inline?: () => string): string {
    const tag = this.#names.tag(type)
    if (tag !== '') return `${keyword} ${tag}`
    return this.#inline && inline !== undefined ? this.#nested(type.id, inline) : `${keyword} {...}`
  }

  #composite(type: CompositeType, indent: string): string {
    const { packed, items } = placeMembers(this.#btf, type, this.#alignments)
    const inner = `${indent}\t`
    const lines = items.map(item => {
      if (item.kind === 'padding') return this.#spend(`${inner}${item.text}`)
      const { member, bitSize } = item
      return `${inner}${this.#declaration(member.type, member.name, inner)}${bitSize === undefined ? '' : `: ${bitSize}`};`
    })
    const head = joined(type.kind, this.#names.tag(type))
    const body = lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n${indent}}`
    return `${head} ${body}${packed ? ' __attribute__((packed))' : ''}`
  }

  #enumeration(type: EnumType, indent: string): string {
    const head = joined('enum', this.#names.tag(type))
    if (type.values.length === 0) return head
    const lines = type.values.map(({ value }, index) =>
      this.#spend(`${indent}\t${this.#names.enumerator(type, index)} = ${literal(type, value)},`),
    )
    return `${head} {\n${lines.join('\n')}\n${indent}}${enumMode(type)}`
  }

  #nested(id: number, print: () => string): string {
    if (this.#depth === maxDepth) throw tooDeep(id)
    this.#depth++
    const text = print()
    this.#depth--
    return text
  }

  #bounded(id: number, print: () => string): string {
    this.#spent = 0
    this.#depth = 0
    return this.#nested(id, print)
  }

  #spend(text: string): string {
    this.#spent += text.length
    if (this.#spent > this.#longest) throw new BtfError(`one type takes more than ${this.#longest} characters to print`)
    return text
  }
}

/** A space between the words, if there are two; none before the brackets of an array without a name. */
function joined(first: string, second: string): string {
  return second === '' || second.startsWith('[') ? `${first}${second}` : first.endsWith('*') ? `${first}${second}` : `${first} ${second}`
}

/** The value in C. The smallest of 64 bits is none: it would be the negative of a number too large. */
function literal(type: EnumType, value: bigint): string {
  if (value === -(2n ** 63n)) return `${value + 1n}LL - 1`
  return type.kind === 'enum' ? `${value}` : `${value}${type.signed ? 'LL' : 'ULL'}`
}

/** GCC's machine modes for sizes that the values alone do not ask for. */
const modes = new Map([
  [1, 'QI'],
  [2, 'HI'],
  [8, 'DI'],
])

/** The attribute that gives an enum its size, where a compiler would choose another. */
function enumMode(type: EnumType): string {
  const negative = type.values.some(({ value }) => value < 0n)
  const wide = type.values.some(({ value }) => value < -(2n ** 31n) || value >= (negative ? 2n ** 31n : 2n ** 32n))
  const mode = modes.get(type.size)
  return mode === undefined || (wide && type.size === 8) ? '' : ` __attribute__((mode(${mode})))`
}

/** The type in C: `const struct foo *`. @throws BtfError */
export function typeName(btf: Btf, id: number): string {
  return new CPrinter(btf).declaration(id, '')
}

/** The declaration in C of something of that type: `int (*handler)(struct foo *)`. @throws BtfError */
export function declaration(btf: Btf, id: number, name: string): string {
  return new CPrinter(btf).declaration(id, name)
}

/**
 * The type defined in full, ending in `;`: a struct with its members, an enum with its values, what a typedef stands for,
 * the prototype of a function, the variables of a data section.
 *
 * @throws BtfError
 */
export function printType(btf: Btf, id: number): string {
  const printer = new CPrinter(btf, { inline: true })
  const type = btf.type(id)
  switch (type.kind) {
    case 'struct':
    case 'union':
    case 'enum':
    case 'enum64':
      return `${printer.definition(type)};`
    case 'typedef':
      return `typedef ${printer.declaration(type.type, type.name)};`
    case 'func':
      // Kernels say of all functions that they are static.
      return `${type.linkage === 'extern' ? 'extern ' : ''}${printer.declaration(type.type, type.name)};`
    case 'var':
      return `${type.linkage === 'global' ? '' : `${type.linkage} `}${printer.declaration(type.type, type.name)};`
    case 'datasec':
      return [`/* section ${type.name} */`, ...type.variables.map(variable => printType(btf, variable.type))].join('\n')
    default:
      return `${printer.declaration(id, '')};`
  }
}
