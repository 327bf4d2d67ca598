import { BpfError } from '@bpf/bytes'
import type { Btf, TypeId } from '../types'
import type { EnumShape, RecordShape, ScalarShape, Shape } from './shape'
import { shapeOf } from './shape-of'

/** What the values of a C type are in TypeScript. */
export interface TypescriptValue {
  /** `number`, `ExecEvent`, `readonly bigint[]`. */
  readonly type: string
  /** Bytes of the C type. */
  readonly size: number
}

/**
 * The TypeScript types of what `createCodec` decodes. Structs, unions and enums with a name are declared once and referred to;
 * those without are written where they are used.
 *
 * Names of BTF are anybody's: nothing of them gets into the text but as an identifier or a quoted string.
 */
export class TypescriptTypes {
  readonly #btf: Btf
  /** Body by name. */
  readonly #declared = new Map<string, string>()
  readonly #reserved: ReadonlySet<string>

  /** @param reserved names that declarations must not take, besides those that the types themselves use */
  constructor(btf: Btf, reserved: Iterable<string> = []) {
    this.#btf = btf
    this.#reserved = new Set([...reserved, 'Uint8Array'])
  }

  /** Undefined if no value can be of that type. @throws RangeError if the type is not in the BTF */
  valueOf(id: TypeId): TypescriptValue | undefined {
    try {
      const shape = shapeOf(this.#btf, id)
      return { type: this.#type(shape), size: shape.size }
    } catch (error) {
      if (error instanceof BpfError) return undefined
      throw error
    }
  }

  /** Whether a type of that name was referred to. */
  declares(name: string): boolean {
    return this.#declared.has(name)
  }

  /** `export interface ExecEvent { … }`, one for each type that was referred to, the innermost first. */
  get declarations(): readonly string[] {
    return [...this.#declared].map(
      ([name, body]) => `${body.startsWith('{') ? `export interface ${name}` : `export type ${name} =`} ${body}`,
    )
  }

  #type(shape: Shape): string {
    switch (shape.kind) {
      case 'bits':
        return this.#type(shape.of)
      case 'text':
        return 'string'
      case 'bytes':
        return 'Uint8Array'
      case 'array':
        return `readonly ${inArray(this.#type(shape.element))}[]`
      case 'record':
        return this.#declare(cName(shape), this.#record(shape))
      case 'enum':
        return this.#declare(shape.name, enumType(shape))
      default:
        return scalarType(shape)
    }
  }

  #record({ fields }: RecordShape): string {
    const members = fields.map(({ name, shape }) => `  readonly ${typescriptMember(name)}: ${this.#type(shape).replaceAll('\n', '\n  ')}\n`)
    return members.length === 0 ? '{}' : `{\n${members.join('')}}`
  }

  /** Types of one name may differ, in linked objects; the second of them gets a number. */
  #declare(name: string, body: string): string {
    if (name === '') return body
    for (let count = 1; ; count++) {
      const unique = asTypescriptName(name) + (count === 1 ? '' : String(count))
      if (this.#reserved.has(unique)) continue
      const known = this.#declared.get(unique)
      if (known === undefined) this.#declared.set(unique, body)
      if (known === undefined || known === body) return unique
    }
  }
}

/** `ExecEvent` of `exec_event`. */
export function asTypescriptName(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter(word => word !== '')
  const joined = words.map(word => word.charAt(0).toUpperCase() + word.slice(1)).join('')
  return /^[A-Z]/.test(joined) ? joined : `Type${joined}`
}

/** A string literal. */
export function quoteTypescript(text: string): string {
  // JSON escapes all but what single quotes need, and the two line ends that older parsers took for such.
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${escaped.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`
}

/** A name as a property: quoted only where it must be. */
export function typescriptMember(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoteTypescript(name)
}

/** `struct event` → `event`; empty for those without a name, and for data sections. */
function cName({ title }: RecordShape): string {
  const [, name = ''] = /^(?:struct|union) ([A-Za-z_]\w*)$/.exec(title) ?? []
  return name
}

function scalarType(shape: Exclude<ScalarShape, EnumShape>): string {
  if (shape.kind === 'int') return shape.form
  if (shape.kind === 'bool') return 'boolean'
  return shape.kind === 'char' ? 'string' : 'number'
}

/** Values without a name are numbers. */
function enumType({ values, form }: EnumShape): string {
  return [...[...values.keys()].map(quoteTypescript), form].join(' | ')
}

const inArray = (type: string): string => (/^readonly | \| /.test(type) && !type.startsWith('{') ? `(${type})` : type)
