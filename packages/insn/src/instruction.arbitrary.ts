import fc from 'fast-check'
import type { Instruction } from './instruction'
import { aluOperations, atomicOperations, conditions } from './operations'

/** Random valid instructions, for property tests. */

const register = fc.integer({ min: 0, max: 12 })
const width = fc.constantFrom(32 as const, 64 as const)
const bits = fc.constantFrom(8 as const, 16 as const, 32 as const, 64 as const)
const i16 = fc.integer({ min: -0x8000, max: 0x7fff })
const i32 = fc.oneof(fc.integer({ min: -0x80000000, max: 0x7fffffff }), fc.integer({ min: -9, max: 9 }))
const u16 = fc.integer({ min: 0, max: 0xffff })
const keys = <Name extends string>(table: Readonly<Record<Name, unknown>>) => fc.constantFrom(...(Object.keys(table) as Name[]))
const operand = fc.oneof(
  fc.record({ kind: fc.constant('register' as const), register }),
  fc.record({ kind: fc.constant('immediate' as const), value: i32 }),
)

const kind = <K extends Instruction['kind']>(name: K) => fc.constant(name)
const memory = { base: register, offset: i16 }

const atomicKind = { kind: kind('atomic'), bits: fc.constantFrom(32 as const, 64 as const), src: register, ...memory }
const exchange = fc.constantFrom('xchg' as const, 'cmpxchg' as const)
const modify = keys(atomicOperations).filter(name => name !== 'xchg' && name !== 'cmpxchg')

export const arbitraryInstruction: fc.Arbitrary<Instruction> = fc.oneof(
  fc.record({ kind: kind('alu'), op: keys(aluOperations), width, dst: register, operand }),
  fc.record({ kind: kind('neg'), width, dst: register }),
  fc.record({
    kind: kind('movsx'),
    width: fc.constant(64 as const),
    bits: fc.constantFrom(8 as const, 16 as const, 32 as const),
    dst: register,
    src: register,
  }),
  fc.record({
    kind: kind('movsx'),
    width: fc.constant(32 as const),
    bits: fc.constantFrom(8 as const, 16 as const),
    dst: register,
    src: register,
  }),
  fc.record({
    kind: kind('endian'),
    order: fc.constantFrom('le' as const, 'be' as const, 'swap' as const),
    bits: fc.constantFrom(16 as const, 32 as const, 64 as const),
    dst: register,
  }),
  fc.record({ kind: kind('addrSpaceCast'), dst: register, src: register, to: u16, from: u16 }),
  fc.record({ kind: kind('load'), bits, signed: fc.constant(false), dst: register, ...memory }),
  fc.record({
    kind: kind('load'),
    bits: fc.constantFrom(8 as const, 16 as const, 32 as const),
    signed: fc.constant(true),
    dst: register,
    ...memory,
  }),
  fc.record({ kind: kind('store'), bits, operand, ...memory }),
  fc.record({ ...atomicKind, op: modify, fetch: fc.boolean() }),
  fc.record({ ...atomicKind, op: exchange, fetch: fc.constant(true) }),
  fc.record({ kind: kind('loadAcquire'), bits, dst: register, ...memory }),
  fc.record({ kind: kind('storeRelease'), bits, src: register, ...memory }),
  fc.record({
    kind: kind('loadPacket'),
    bits: fc.constantFrom(8 as const, 16 as const, 32 as const),
    index: fc.option(register, { nil: undefined }),
    offset: i32,
  }),
  fc.record({
    kind: kind('loadImm64'),
    dst: register,
    pseudo: fc.integer({ min: 0, max: 6 }),
    value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  }),
  fc.record({ kind: kind('goto'), long: fc.constant(true), distance: i32 }),
  fc.record({ kind: kind('goto'), long: fc.constant(false), distance: i16 }),
  fc.record({ kind: kind('gotox'), register }),
  fc.record({ kind: kind('branch'), condition: keys(conditions), width, dst: register, operand, distance: i16 }),
  fc.record({ kind: kind('mayGoto'), distance: i16 }),
  fc.record({ kind: kind('callHelper'), id: i32 }),
  fc.record({ kind: kind('callFunction'), distance: i32 }),
  fc.record({ kind: kind('callKfunc'), btfId: i32, module: i16 }),
  fc.record({ kind: kind('callx'), register }),
  fc.record({ kind: kind('exit') }),
  fc.record({ kind: kind('percpuAddress'), dst: register, src: register }),
  fc.record({ kind: kind('nospec') }),
)

/** Short programs that jump a little: the targets often exist. */
export const arbitraryProgram: fc.Arbitrary<readonly Instruction[]> = fc.array(
  fc.oneof(
    arbitraryInstruction,
    arbitraryInstruction.map(insn => ('distance' in insn ? { ...insn, distance: (insn.distance % 16) + 0 } : insn)),
  ),
  { maxLength: 40 },
)
