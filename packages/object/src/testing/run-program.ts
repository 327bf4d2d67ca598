import {
  type AluName,
  type ConditionName,
  decode,
  type Instruction,
  type InstructionOf,
  type LocatedInstruction,
  type Operand,
  slotsOf,
} from '@bpf/insn'

const STACK_SIZE = 512
/** Where the stack is, so that an address that is none stands out. */
const STACK = 0x10000n
const MAX_STEPS = 100_000

/**
 * Runs a program that needs nothing but its stack, as the kernel would, and returns r0. For programs that test themselves:
 * 0, or the line that failed.
 */
export function runProgram(code: Uint8Array, littleEndian: boolean): bigint {
  const bySlot = new Map(decode(code, littleEndian).map(located => [located.slot, located]))
  return new Machine(bySlot, littleEndian).run()
}

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value)

const operations: Readonly<Partial<Record<AluName, (a: bigint, b: bigint, bits: number) => bigint>>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  or: (a, b) => a | b,
  and: (a, b) => a & b,
  xor: (a, b) => a ^ b,
  mov: (_, b) => b,
  lsh: (a, b, bits) => a << (b & BigInt(bits - 1)),
  rsh: (a, b, bits) => a >> (b & BigInt(bits - 1)),
  arsh: (a, b, bits) => BigInt.asIntN(bits, a) >> (b & BigInt(bits - 1)),
}

const conditions: Readonly<Record<ConditionName, (a: bigint, b: bigint, bits: number) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  set: (a, b) => (a & b) !== 0n,
  sgt: (a, b, bits) => BigInt.asIntN(bits, a) > BigInt.asIntN(bits, b),
  sge: (a, b, bits) => BigInt.asIntN(bits, a) >= BigInt.asIntN(bits, b),
  slt: (a, b, bits) => BigInt.asIntN(bits, a) < BigInt.asIntN(bits, b),
  sle: (a, b, bits) => BigInt.asIntN(bits, a) <= BigInt.asIntN(bits, b),
}

class Machine {
  readonly #code: ReadonlyMap<number, LocatedInstruction>
  readonly #littleEndian: boolean
  readonly #registers = new BigUint64Array(11)
  readonly #memory = new DataView(new ArrayBuffer(STACK_SIZE))
  #slot = 0

  constructor(code: ReadonlyMap<number, LocatedInstruction>, littleEndian: boolean) {
    this.#code = code
    this.#littleEndian = littleEndian
    this.#registers[10] = STACK + BigInt(STACK_SIZE)
  }

  run(): bigint {
    for (let step = 0; step < MAX_STEPS; step++) {
      const located = this.#code.get(this.#slot)
      if (located === undefined) throw new Error(`jumped to slot ${this.#slot}`)
      const { instruction } = located
      if (instruction.kind === 'exit') return this.#get(0)
      this.#slot += slotsOf(instruction)
      this.#execute(instruction)
    }
    throw new Error('runs forever')
  }

  #execute(instruction: Instruction): void {
    switch (instruction.kind) {
      case 'alu':
        this.#alu(instruction)
        break
      case 'neg':
        this.#set(instruction.dst, BigInt.asUintN(instruction.width, -this.#get(instruction.dst)))
        break
      case 'loadImm64':
        this.#set(instruction.dst, instruction.value)
        break
      case 'load':
        this.#set(instruction.dst, this.#read(this.#get(instruction.base) + BigInt(instruction.offset), instruction.bits / 8))
        break
      case 'store':
        this.#write(this.#get(instruction.base) + BigInt(instruction.offset), instruction.bits / 8, this.#operand(instruction.operand, 64))
        break
      case 'goto':
        this.#slot += instruction.distance
        break
      case 'branch':
        if (this.#holds(instruction)) this.#slot += instruction.distance
        break
      default:
        throw new Error(`cannot run ${JSON.stringify(instruction)}`)
    }
  }

  #alu({ op, width, dst, operand }: InstructionOf<'alu'>): void {
    const operation = operations[op]
    if (operation === undefined) throw new Error(`cannot run ${op}`)
    const a = BigInt.asUintN(width, this.#get(dst))
    this.#set(dst, BigInt.asUintN(width, operation(a, this.#operand(operand, width), width)))
  }

  #holds({ condition, width, dst, operand }: InstructionOf<'branch'>): boolean {
    return conditions[condition](BigInt.asUintN(width, this.#get(dst)), this.#operand(operand, width), width)
  }

  #operand(operand: Operand, bits: number): bigint {
    return BigInt.asUintN(bits, operand.kind === 'register' ? this.#get(operand.register) : BigInt(operand.value))
  }

  #get(register: number): bigint {
    return this.#registers[register] ?? 0n
  }

  #set(register: number, value: bigint): void {
    this.#registers[register] = u64(value)
  }

  #byteAt(address: bigint, size: number, index: number): number {
    const offset = Number(address - STACK)
    if (offset < 0 || offset + size > STACK_SIZE) throw new Error(`access to ${size} bytes at 0x${address.toString(16)}`)
    return offset + (this.#littleEndian ? index : size - 1 - index)
  }

  #read(address: bigint, size: number): bigint {
    let value = 0n
    for (let index = 0; index < size; index++)
      value |= BigInt(this.#memory.getUint8(this.#byteAt(address, size, index))) << BigInt(8 * index)
    return value
  }

  #write(address: bigint, size: number, value: bigint): void {
    for (let index = 0; index < size; index++) {
      this.#memory.setUint8(this.#byteAt(address, size, index), Number((value >> BigInt(8 * index)) & 0xffn))
    }
  }
}
