import { copyBytes } from '@bpf/bytes'
import { isSigned, readBits, shiftOf } from './bits'
import type { Read } from './interpret'
import { read128, readChar, readI64, readText, readU64 } from './read'
import type { ArrayShape, BitsShape, IntShape, RecordShape, ScalarShape, Shape } from './shape'

/** Whether `new Function` works here; a content security policy or `--disallow-code-generation-from-strings` forbids it. */
export function canGenerateCode(): boolean {
  try {
    return new Function('return true')() === true
  } catch {
    return false
  }
}

/**
 * A reader compiled to JavaScript, one function a struct or array.
 *
 * What goes into the source is numbers and names as JSON string literals, nothing else: the names are of untrusted BTF.
 */
export function compileReader(shape: Shape, littleEndian: boolean): Read {
  const compiler = new Compiler(littleEndian)
  const root = compiler.expression(shape, 'o')
  const source = `"use strict";\n${compiler.source}return (v, o, e) => ${root}`
  return new Function(...Object.keys(helpers), 'refs', source)(...Object.values(helpers), compiler.refs) as Read
}

const helpers = { copyBytes, define, list, read128, readBits, readChar, readI64, readText, readU64 }

/**
 * Expressions are over `v` (the view), an offset, and `e` (where the whole value ends).
 *
 * Values are made by constructors and calls, not as literals: V8 counts how many of those that a literal makes outlive a collection.
 * If all of the first few hundred do, because a reader has them in its hands at that moment, it puts all later ones among what lives
 * long, in every process that reads events for as long as it runs: three times as slow.
 */
class Compiler {
  /** What the source refers to by index: enum name tables, bitfields. */
  readonly refs: unknown[] = []
  source = ''
  readonly #littleEndian: boolean
  readonly #functions = new Map<Shape, string>()

  constructor(littleEndian: boolean) {
    this.#littleEndian = littleEndian
  }

  expression(shape: Shape, at: string): string {
    switch (shape.kind) {
      case 'bits':
        return this.#bits(shape, at)
      case 'text':
        return `readText(v, ${at}, ${length(shape, 1, at)})`
      case 'bytes':
        return `copyBytes(v, ${at}, ${length(shape, 1, at)})`
      case 'array':
        return `${this.#function(shape, () => this.#array(shape))}(v, ${at}, e)`
      case 'record':
        return `new ${this.#function(shape, () => this.#record(shape))}(v, ${at}, e)`
      default:
        return this.#scalar(shape, at)
    }
  }

  #function(shape: Shape, body: () => string): string {
    let name = this.#functions.get(shape)
    if (name === undefined) {
      name = `f${this.#functions.size}`
      this.#functions.set(shape, name)
      const statements = body()
      this.source += `function ${name}(v, o, e) { ${statements} }\n`
      // A constructor of plain objects.
      if (shape.kind === 'record') this.source += `${name}.prototype = Object.prototype\n`
    }
    return name
  }

  #record(shape: RecordShape): string {
    return shape.fields.map(({ name, offset, shape: inner }) => property(name, this.expression(inner, plus('o', offset)))).join('; ')
  }

  #array(shape: ArrayShape): string {
    const { size } = shape.element
    if (!shape.flexible && shape.length <= literalLength) {
      const elements = Array.from({ length: shape.length }, (_, index) => this.expression(shape.element, plus('o', index * size)))
      return `return list(${elements.join(', ')})`
    }
    const element = this.expression(shape.element, 'p')
    const each = `a.push(${element}); `
    return `const n = ${length(shape, size, 'o')}; const a = list(); for (let i = 0, p = o; i < n; i++, p += ${size}) { ${each}} return a`
  }

  #scalar(shape: ScalarShape, at: string): string {
    switch (shape.kind) {
      case 'int':
        return this.#int(shape, at)
      case 'bool':
        return `${this.#int({ ...shape, kind: 'int', signed: false, form: 'number' }, at)} !== 0`
      case 'enum':
        return this.#named(shape, this.#int({ ...shape, kind: 'int' }, at))
      case 'char':
        return `readChar(v, ${at})`
      case 'float':
        return `v.getFloat${shape.size * 8}(${at}, ${this.#littleEndian})`
    }
  }

  #int({ size, signed, form }: IntShape, at: string): string {
    const sign = signed ? 'Int' : 'Uint'
    if (size === 16) return `read128(v, ${at}, ${this.#littleEndian}, ${signed})`
    if (size < 8) {
      const value = `v.get${sign}${size * 8}(${at}, ${this.#littleEndian})`
      return form === 'bigint' ? `BigInt(${value})` : value
    }
    if (form === 'bigint') return this.#big(sign, at)
    return `${signed ? 'readI64' : 'readU64'}(v, ${at}, ${this.#littleEndian})`
  }

  /** Of 32 bits where they are enough, as for most counts: on Node 20 and 22 a BigInt of a number takes half the time. */
  #big(sign: 'Int' | 'Uint', at: string): string {
    const le = this.#littleEndian
    const [low, high] = le ? [at, `${at} + 4`] : [`${at} + 4`, at]
    return `(v.getUint32(${high}, ${le}) === 0 ? BigInt(v.getUint32(${low}, ${le})) : v.getBig${sign}64(${at}, ${le}))`
  }

  /** A bitfield within 4 bytes is read with numbers and shifted to the top and back, which also brings its sign. */
  #bits(shape: BitsShape, at: string): string {
    const { of, bits } = shape
    const form = of.kind === 'bool' ? 'number' : of.form
    let value: string
    if (shape.size <= 4) {
      const whole = this.#fewBytes(shape.size, at)
      const left = 32 - bits - shiftOf(shape, this.#littleEndian)
      value = `(${whole} << ${left} ${isSigned(shape) ? '>>' : '>>>'} ${32 - bits})`
      if (form === 'bigint') value = `BigInt${value}`
    } else {
      value = `readBits(v, ${at}, ${this.#ref(shape)}, ${this.#littleEndian})`
      if (form === 'number') value = `Number(${value})`
    }
    if (of.kind === 'bool') return `${value} !== 0`
    return of.kind === 'enum' ? this.#named(of, value) : value
  }

  #fewBytes(size: number, at: string): string {
    const le = this.#littleEndian
    if (size === 3) return `(v.getUint16(${at}, ${le})${le ? '' : ' << 8'} | v.getUint8(${at} + 2)${le ? ' << 16' : ''})`
    return `v.getUint${size * 8}(${at}, ${le})`
  }

  #named(shape: { readonly names: ReadonlyMap<number | bigint, string> }, value: string): string {
    const names = `n${this.refs.length}`
    this.source += `const ${names} = ${this.#ref(shape.names)};\n`
    this.source += `function q${names}(x) { const name = ${names}.get(x); return name === undefined ? x : name }\n`
    return `q${names}(${value})`
  }

  #ref(value: unknown): string {
    this.refs.push(value)
    return `refs[${this.refs.length - 1}]`
  }
}

/** Arrays of so many elements are written out: one that grows gets room for 17 with its first element. */
const literalLength = 16

const plus = (at: string, offset: number): string => (offset === 0 ? at : `${at} + ${offset}`)

/** Of the object that is made. What every object inherits is not assigned to: that may be a setter, or forbidden. */
function property(name: string, value: string): string {
  const key = JSON.stringify(name)
  return name in Object.prototype ? `define(this, ${key}, ${value})` : `this[${key}] = ${value}`
}

function list(...elements: unknown[]): unknown[] {
  return elements
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
}

function length(shape: { readonly flexible: boolean; readonly length: number }, stride: number, at: string): string {
  return shape.flexible ? `(e > ${at} ? Math.floor((e - (${at})) / ${stride}) : 0)` : String(shape.length)
}
