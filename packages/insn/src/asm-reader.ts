import { nearNames } from '@bpf/bytes'
import { AsmError } from './asm-error'
import type { Token } from './asm-lexer'
import { LAST_REGISTER } from './constants'
import type { Bits, Operand, Width } from './instruction'

/** A register as written: `w` for the low 32 bits. */
export interface RegisterName {
  readonly register: number
  readonly width: Width
}

/** Reads tokens one by one, with the pieces that several statements share: registers, numbers, addresses. */
export class TokenReader {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  get done(): boolean {
    return this.#at >= this.#tokens.length
  }

  peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? this.#tokens[this.#tokens.length - 1] ?? { kind: 'end', text: '', line: 1, column: 1 }
  }

  next(): Token {
    const token = this.peek()
    this.#at++
    return token
  }

  /** Takes the next token if it is this one; names whatever their case. */
  accept(text: string): boolean {
    if (!this.sees(text)) return false
    this.#at++
    return true
  }

  /** Whether the tokens ahead are these. */
  sees(...texts: readonly string[]): boolean {
    return texts.every((text, i) => {
      const token = this.peek(i)
      return token.kind !== 'label' && token.kind !== 'end' && token.text.toLowerCase() === text
    })
  }

  expect(...texts: readonly string[]): void {
    for (const text of texts) if (!this.accept(text)) throw this.unexpected(`"${text}"`)
  }

  expectEnd(): void {
    if (this.peek().kind !== 'end') throw this.unexpected('the end of the instruction')
    this.#at++
  }

  error(message: string, token: Token = this.peek(), hint?: string): AsmError {
    return new AsmError(token, message, hint)
  }

  unexpected(wanted: string): AsmError {
    const token = this.peek()
    return this.error(`expected ${wanted}, found ${token.kind === 'end' ? 'the end of the instruction' : `"${token.text}"`}`)
  }

  /** An error about a name that is none of those known. */
  unknown(what: string, token: Token, known: Iterable<string>): AsmError {
    const near = nearNames(token.text, known)
    return this.error(`unknown ${what} "${token.text}"`, token, near.length === 0 ? undefined : `did you mean ${near.join(' or ')}?`)
  }

  seesRegister(ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.kind === 'name' && /^[rw]\d+$/i.test(token.text)
  }

  register(): RegisterName {
    if (!this.seesRegister()) throw this.unexpected('a register')
    const token = this.next()
    const register = Number(token.text.slice(1))
    if (register > LAST_REGISTER) throw this.error(`no register ${token.text}`, token)
    return { register, width: token.text[0]?.toLowerCase() === 'w' ? 32 : 64 }
  }

  /** A register whose width must be that given. */
  registerOf(width: Width): number {
    const token = this.peek()
    const name = this.register()
    if (name.width !== width) throw this.error(`${token.text} is ${name.width} bits wide, not ${width}`, token)
    return name.register
  }

  /** A register of the given width, or a number. */
  operand(width: Width): Operand {
    if (this.seesRegister()) return { kind: 'register', register: this.registerOf(width) }
    return { kind: 'immediate', value: this.immediate() }
  }

  /** 32 bits, signed or unsigned; returned signed. */
  immediate(): number {
    return this.#number(32, -(2n ** 31n), 2n ** 32n - 1n)
  }

  /** 16 bits, signed. */
  offset(): number {
    return this.#number(16, -(2n ** 15n), 2n ** 15n - 1n)
  }

  #number(bits: number, lowest: bigint, highest: bigint): number {
    const token = this.peek()
    const value = this.expression()
    if (value < lowest || value > highest) throw this.error(`${value} does not fit in ${bits} bits`, token)
    return Number(BigInt.asIntN(bits, value))
  }

  /** A constant of at most 64 bits: numbers with unary `-`, `+` and `~`, and between them `+`, `-` and `<<`, from left to right. */
  expression(): bigint {
    const first = this.peek()
    let value = this.#term()
    for (;;) {
      if (this.accept('+')) value += this.#term()
      else if (this.accept('-')) value -= this.#term()
      else if (this.accept('<<')) value <<= this.#shift()
      else return value
      if (value < -(2n ** 63n) || value >= 2n ** 64n) throw this.error('the constant does not fit in 64 bits', first)
    }
  }

  #shift(): bigint {
    const token = this.peek()
    const distance = this.#term()
    if (distance < 0n || distance > 63n) throw this.error(`cannot shift by ${distance}`, token)
    return distance
  }

  #term(): bigint {
    const signs: string[] = []
    while (this.sees('-') || this.sees('+') || this.sees('~')) signs.push(this.next().text)
    return signs.reduceRight((value, sign) => (sign === '-' ? -value : sign === '~' ? ~value : value), this.#literal())
  }

  #literal(): bigint {
    const token = this.peek()
    if (token.kind !== 'number') throw this.unexpected('a number')
    this.next()
    if (token.text.startsWith("'")) return BigInt(token.text.codePointAt(1) ?? 0)
    const octal = /^0\d/.test(token.text)
    if (octal && /[89]/.test(token.text)) throw this.error(`${token.text} is no octal number`, token, 'numbers that begin with 0 are octal')
    const value = token.text.length > 70 ? 2n ** 64n : BigInt(octal ? `0o${token.text.slice(1)}` : token.text)
    if (value >= 2n ** 64n) throw this.error('the number does not fit in 64 bits', token)
    return value
  }

  /** `(u32 *)`. */
  accessType(): { readonly bits: Bits; readonly signed: boolean } {
    this.expect('(')
    const token = this.next()
    const match = /^([us])(8|16|32|64)$/i.exec(token.text)
    if (match === null || token.text.toLowerCase() === 's64') throw this.unknown('type', token, accessTypes)
    this.expect('*', ')')
    return { bits: Number(match[2]) as Bits, signed: match[1]?.toLowerCase() === 's' }
  }

  /** `(r1 + 8)`. */
  address(): { readonly base: number; readonly offset: number } {
    this.expect('(')
    const address = this.plainAddress()
    this.expect(')')
    return address
  }

  /** `r1 + 8`; the offset may be left out. */
  plainAddress(): { readonly base: number; readonly offset: number } {
    const base = this.registerOf(64)
    return { base, offset: this.sees('+') || this.sees('-') ? this.offset() : 0 }
  }
}

const accessTypes = ['u8', 'u16', 'u32', 'u64', 's8', 's16', 's32']
