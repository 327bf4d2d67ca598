import { PseudoSource } from './constants'
import { encode } from './encode'
import { helperName } from './helpers'
import type { Instruction, InstructionKind, InstructionOf, Operand, Register, Width } from './instruction'
import { aluOperations, atomicOperations, conditions } from './operations'

export interface FormatOptions {
  /**
   * Write the registers of loads, stores and plain atomics of up to 32 bits as `w1` instead of `r1`, as llvm-objdump does
   * for `--mcpu=v3` and later. Both name the same instruction.
   */
  readonly alu32?: boolean
  /** Write `call bpf_map_lookup_elem#1` instead of `call 0x1`. */
  readonly helperNames?: boolean
  /** What the instruction refers to, written after it in angle brackets: `goto +0x5 <out>`. */
  readonly note?: string | undefined
  /** Label to write in place of the distance of a jump, a call or a function's address: `goto out`. */
  readonly label?: string | undefined
  /** Byte order in which slots that are no instruction are written. Little-endian by default. */
  readonly littleEndian?: boolean
}

/**
 * An instruction in the syntax of clang and llvm-objdump, without a line end. Numbers are hexadecimal and signed.
 *
 * Where LLVM's text is not enough to get the bytes back, there is a form of our own: calls of functions are `call pc+0x5`
 * (a bare number is a helper), calls of kernel functions `call kfunc 0x4d2`, pseudo values `map_fd(0x3) ll`, and slots that
 * are no instruction `.byte`.
 */
export function formatInstruction(instruction: Instruction, options: FormatOptions = {}): string {
  // The table holds one formatter a kind; TypeScript cannot see that the one looked up fits the instruction.
  const text = (formatters[instruction.kind] as (instruction: Instruction, options: FormatOptions) => string)(instruction, options)
  return options.note === undefined ? text : `${text} <${printable(options.note)}>`
}

/** The pseudo values of a 64-bit immediate load as they are written: `map_value(0x3, 0x8)`. */
export const pseudoNames: Readonly<Record<PseudoSource, string>> = {
  [PseudoSource.MAP_FD]: 'map_fd',
  [PseudoSource.MAP_VALUE]: 'map_value',
  [PseudoSource.BTF_ID]: 'btf_id',
  [PseudoSource.FUNC]: 'func',
  [PseudoSource.MAP_IDX]: 'map_idx',
  [PseudoSource.MAP_IDX_VALUE]: 'map_idx_value',
}

const formatters: { readonly [K in InstructionKind]: (instruction: InstructionOf<K>, options: FormatOptions) => string } = {
  alu: ({ op, width, dst, operand }) => `${reg(dst, width)} ${aluOperations[op].symbol} ${formatOperand(operand, width)}`,
  neg: ({ width, dst }) => `${reg(dst, width)} = -${reg(dst, width)}`,
  movsx: ({ width, bits, dst, src }) => `${reg(dst, width)} = (s${bits})${reg(src, width)}`,
  endian: ({ order, bits, dst }) => `r${dst} = ${order === 'swap' ? 'bswap' : order}${bits} r${dst}`,
  addrSpaceCast: ({ dst, src, to, from }) => `r${dst} = addr_space_cast(r${src}, ${hex(to)}, ${hex(from)})`,
  percpuAddress: ({ dst, src }) => `r${dst} = &(void __percpu *)(r${src})`,
  load({ bits, signed, dst, base, offset }, { alu32 = false }) {
    const width = alu32 && !signed && bits < 64 ? 32 : 64
    return `${reg(dst, width)} = *(${signed ? 's' : 'u'}${bits} *)${address(base, offset)}`
  },
  store({ bits, base, offset, operand }, { alu32 = false }) {
    return `*(u${bits} *)${address(base, offset)} = ${formatOperand(operand, alu32 && bits < 64 ? 32 : 64)}`
  },
  atomic(instruction, { alu32 = false }) {
    const { op, bits, base, offset, src, fetch } = instruction
    if (!fetch) return `lock *(u${bits} *)${address(base, offset)} ${atomicOperations[op].symbol} ${reg(src, alu32 ? bits : 64)}`
    const value = reg(src, bits)
    const suffix = bits === 64 ? '_64' : '32_32'
    if (op === 'xchg') return `${value} = xchg${suffix}(${plainAddress(base, offset)}, ${value})`
    if (op === 'cmpxchg') return `${reg(0, bits)} = cmpxchg${suffix}(${plainAddress(base, offset)}, ${reg(0, bits)}, ${value})`
    return `${value} = atomic_fetch_${op}((u${bits} *)${address(base, offset)}, ${value})`
  },
  loadAcquire({ bits, dst, base, offset }) {
    return `${reg(dst, bits < 64 ? 32 : 64)} = load_acquire((u${bits} *)${address(base, offset)})`
  },
  storeRelease({ bits, base, offset, src }) {
    return `store_release((u${bits} *)${address(base, offset)}, ${reg(src, bits < 64 ? 32 : 64)})`
  },
  loadPacket({ bits, index, offset }) {
    const place = index === undefined ? hex(offset) : offset === 0 ? `r${index}` : plainAddress(index, offset)
    return `r0 = *(u${bits} *)skb[${place}]`
  },
  loadImm64({ dst, pseudo, value }, { label }) {
    if (pseudo === 0) return `r${dst} = ${hex(BigInt.asIntN(64, value))} ll`
    const low = Number(BigInt.asIntN(32, value))
    const high = Number(BigInt.asIntN(32, value >> 32n))
    const isFunction = pseudo === PseudoSource.FUNC
    if (isFunction && label !== undefined && high === 0) return `r${dst} = ${label} ll`
    const operands = [isFunction ? `pc${distanceText(low)}` : hex(low)]
    if (high !== 0 || pseudo === PseudoSource.MAP_VALUE || pseudo === PseudoSource.MAP_IDX_VALUE) operands.push(hex(high))
    return `r${dst} = ${pseudoNames[pseudo as PseudoSource]}(${operands.join(', ')}) ll`
  },
  goto: ({ long, distance }, { label }) => `${long ? 'gotol' : 'goto'} ${label ?? distanceText(distance)}`,
  gotox: ({ register }) => `gotox r${register}`,
  branch({ condition, width, dst, operand, distance }, { label }) {
    const { symbol } = conditions[condition]
    return `if ${reg(dst, width)} ${symbol} ${formatOperand(operand, width)} goto ${label ?? distanceText(distance)}`
  },
  mayGoto: ({ distance }, { label }) => `may_goto ${label ?? distanceText(distance)}`,
  callHelper({ id }, { helperNames = false }) {
    const name = helperNames ? helperName(id) : undefined
    return name === undefined ? `call ${hex(id)}` : `call ${name}#${id}`
  },
  callFunction: ({ distance }, { label }) => `call ${label ?? `pc${distanceText(distance)}`}`,
  callKfunc: ({ btfId, module }) => `call kfunc ${hex(btfId)}${module === 0 ? '' : `, ${hex(module)}`}`,
  callx: ({ register }) => `callx r${register}`,
  exit: () => 'exit',
  nospec: () => 'nospec',
  invalid(instruction, { littleEndian = true }) {
    const bytes = encode([instruction], littleEndian)
    return `.byte ${Array.from(bytes, byte => `0x${byte.toString(16).padStart(2, '0')}`).join(', ')}`
  },
}

const reg = (register: Register, width: Width): string => `${width === 64 ? 'r' : 'w'}${register}`

const formatOperand = (operand: Operand, width: Width): string =>
  operand.kind === 'register' ? reg(operand.register, width) : hex(operand.value)

const hex = (value: number | bigint): string => (value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`)

const distanceText = (distance: number): string => (distance < 0 ? hex(distance) : `+${hex(distance)}`)

const plainAddress = (base: Register, offset: number): string => `r${base} ${offset < 0 ? '-' : '+'} ${hex(Math.abs(offset))}`

const address = (base: Register, offset: number): string => `(${plainAddress(base, offset)})`

/** A note must not end its brackets, its line or begin a comment. */
const printable = (note: string): string => note.replace(/[<>#;/\p{C}]/gu, '_')
