import { PseudoSource } from './constants'
import { helperName } from './helpers'
import type { Instruction, InstructionKind, InstructionOf, Operand, Width } from './instruction'
import { aluOperations, atomicOperations, conditions } from './operations'

/**
 * An instruction as the verifier's log and bpftool write it, without the opcode before it: decimal numbers, `goto pc+2`.
 * `callee` is the symbol that is called, where that is known.
 */
export function formatLikeVerifier(instruction: Instruction, callee?: string): string {
  // The table holds one formatter a kind; TypeScript cannot see that the one looked up fits the instruction.
  return (formatters[instruction.kind] as (instruction: Instruction, callee?: string) => string)(instruction, callee)
}

const formatters: { readonly [K in InstructionKind]: (instruction: InstructionOf<K>, callee?: string) => string } = {
  alu: ({ op, width, dst, operand }) => `${register(dst, width)} ${aluOperations[op].symbol} ${decimal(operand, width)}`,
  neg: ({ width, dst }) => `${register(dst, width)} = -${register(dst, width)}`,
  movsx: ({ width, bits, dst, src }) => `${register(dst, width)} = (s${bits})${register(src, width)}`,
  endian: ({ order, bits, dst }) => `r${dst} = ${order === 'swap' ? 'bswap' : order}${bits} r${dst}`,
  addrSpaceCast: ({ dst, src, to, from }) => `r${dst} = addr_space_cast(r${src}, ${to}, ${from})`,
  percpuAddress: ({ dst, src }) => `r${dst} = &(void __percpu *)(r${src})`,
  load: ({ bits, signed, dst, base, offset }) => `r${dst} = *(${signed ? 's' : 'u'}${bits} *)${place(base, offset)}`,
  store: ({ bits, base, offset, operand }) => `*(u${bits} *)${place(base, offset)} = ${decimal(operand, 64)}`,
  atomic({ op, fetch, bits, base, offset, src }) {
    const target = `(u${bits} *)${place(base, offset)}`
    if (!fetch) return `lock *${target} ${atomicOperations[op].symbol} r${src}`
    const prefix = bits === 64 ? 'atomic64_' : 'atomic_'
    if (op === 'cmpxchg') return `r0 = ${prefix}cmpxchg(${target}, r0, r${src})`
    return `r${src} = ${prefix}${op === 'xchg' ? op : `fetch_${op}`}(${target}, r${src})`
  },
  loadAcquire: ({ bits, dst, base, offset }) => `r${dst} = load_acquire((u${bits} *)${place(base, offset)})`,
  storeRelease: ({ bits, base, offset, src }) => `store_release((u${bits} *)${place(base, offset)}, r${src})`,
  loadPacket: ({ bits, index, offset }) => `r0 = *(u${bits} *)skb[${index === undefined ? offset : `r${index} + ${offset}`}]`,
  loadImm64: ({ dst, pseudo, value }) => `r${dst} = ${pseudoText(pseudo, value)}`,
  goto: ({ long, distance }) => `${long ? 'gotol' : 'goto'} pc${signed(distance)}`,
  gotox: ({ register: target }) => `gotox r${target}`,
  branch: ({ condition, width, dst, operand, distance }) =>
    `if ${register(dst, width)} ${conditions[condition].symbol} ${hexadecimal(operand, width)} goto pc${signed(distance)}`,
  mayGoto: ({ distance }) => `may_goto pc${signed(distance)}`,
  callHelper: ({ id }, callee) => `call ${helperName(id) ?? callee ?? 'unknown'}#${id}`,
  callFunction: ({ distance }, callee) => `call pc${signed(distance)}${callee === undefined ? '' : `#${callee}`}`,
  callKfunc: ({ btfId }, callee) => `call ${callee ?? 'kernel-function'}#${btfId}`,
  callx: ({ register: target }) => `callx r${target}`,
  exit: () => 'exit',
  nospec: () => 'nospec',
  invalid: ({ fields }) => `BUG_${fields.opcode.toString(16).padStart(2, '0')}`,
}

function pseudoText(pseudo: number, value: bigint): string {
  const low = Number(BigInt.asUintN(32, value))
  const high = Number(BigInt.asUintN(32, value >> 32n))
  if (pseudo === PseudoSource.MAP_FD) return `map[id:${low}]`
  if (pseudo === PseudoSource.MAP_VALUE) return `map[id:${low}][0]+${high}`
  if (pseudo === PseudoSource.FUNC) return `subprog[${signed(low | 0)}]`
  return `0x${value.toString(16)}`
}

const register = (number: number, width: Width): string => `${width === 64 ? 'r' : 'w'}${number}`

const signed = (value: number): string => (value < 0 ? `${value}` : `+${value}`)

const place = (base: number, offset: number): string => `(r${base} ${signed(offset)})`

const decimal = (operand: Operand, width: Width): string =>
  operand.kind === 'register' ? register(operand.register, width) : `${operand.value}`

const hexadecimal = (operand: Operand, width: Width): string =>
  operand.kind === 'register' ? register(operand.register, width) : `0x${(operand.value >>> 0).toString(16)}`
