import { type Btf, type BtfType, type CompositeType, type EnumType, essentialName, type FwdType, resolve } from '@bpf/btf'
import { describeType, isEnum, TypeDepthError } from './type-queries'

const MAX_DEPTH = 32
/** Comparisons a match may take; real types take a few hundred, cyclic ones would take forever. */
const MAX_STEPS = 1_000_000

/**
 * Whether a type of the target has everything a local one has: the "type matches" relocation. The root's name is the
 * caller's business. Returns the first difference, or undefined.
 *
 * - modifiers and typedefs do not count; names (without flavour) must agree at every level
 * - ints: the same size and sign; arrays: the same length and element; pointers: what they point to
 * - structs and unions: every local member exists by name and matches, in any order; behind a pointer only name and kind
 *   count, and a forward declaration of the same kind will do
 * - enums: the same size, every local enumerator exists by name, whatever its value
 * - function prototypes: as many parameters, each matching, and the return type
 *
 * @throws TypeDepthError
 */
export function typeDifference(local: Btf, localId: number, target: Btf, targetId: number): string | undefined {
  return new Matcher(local, target).difference(localId, targetId, false, MAX_DEPTH)
}

class Matcher {
  readonly #local: Btf
  readonly #target: Btf
  #steps = 0

  constructor(local: Btf, target: Btf) {
    this.#local = local
    this.#target = target
  }

  difference(localId: number, targetId: number, behindPointer: boolean, level: number): string | undefined {
    if (level <= 0) throw new TypeDepthError(`types nested more than ${MAX_DEPTH} deep`)
    for (let depth = 0; depth < MAX_DEPTH; depth++) {
      if (++this.#steps > MAX_STEPS) throw new TypeDepthError(`no end after ${MAX_STEPS} comparisons`)
      const a = resolve(this.#local, localId)
      const b = resolve(this.#target, targetId)
      if (!namesMatch(a.name, b.name)) return `is ${describeType(b)}, expected ${describeType(a)}`
      if (a.kind === 'ptr' && b.kind === 'ptr') {
        behindPointer = true
        localId = a.type
        targetId = b.type
      } else if (a.kind === 'array' && b.kind === 'array') {
        if (a.length !== b.length) return `array of ${b.length}, expected ${a.length}`
        localId = a.type
        targetId = b.type
      } else if (a.kind === 'funcProto' && b.kind === 'funcProto') {
        if (a.params.length !== b.params.length) return `takes ${b.params.length} parameters, expected ${a.params.length}`
        for (const [index, param] of a.params.entries()) {
          const difference = this.difference(param.type, b.params[index]?.type ?? 0, behindPointer, level - 1)
          if (difference !== undefined) return `parameter ${index + 1}: ${difference}`
        }
        localId = a.returnType
        targetId = b.returnType
      } else {
        return this.#leafDifference(a, b, behindPointer, level)
      }
    }
    throw new TypeDepthError(`type ${localId} is nested more than ${MAX_DEPTH} deep`)
  }

  /** Types that name nothing further, or that only compare by their members. */
  #leafDifference(a: BtfType, b: BtfType, behindPointer: boolean, level: number): string | undefined {
    const kinds = `is ${describeType(b)}, expected ${describeType(a)}`
    if (a.kind === 'void') return b.kind === 'void' ? undefined : kinds
    if (a.kind === 'int') {
      if (b.kind !== 'int') return kinds
      if (a.size !== b.size) return `${b.name} has ${b.size} bytes, expected ${a.size}`
      return a.encoding.signed === b.encoding.signed ? undefined : `${b.name} is ${b.encoding.signed ? 'signed' : 'unsigned'}`
    }
    if (isEnum(a)) return isEnum(b) ? enumDifference(a, b) : kinds
    if (a.kind === 'fwd') return fwdAgrees(a, b, behindPointer) ? undefined : kinds
    if (a.kind === 'struct' || a.kind === 'union') {
      if (behindPointer) return a.kind === b.kind || (b.kind === 'fwd' && b.of === a.kind) ? undefined : kinds
      return a.kind === b.kind ? this.#compositeDifference(a, b, level) : kinds
    }
    return `${a.kind} cannot be matched`
  }

  #compositeDifference(a: CompositeType, b: CompositeType, level: number): string | undefined {
    if (a.members.length > b.members.length) return `has ${b.members.length} members, expected at least ${a.members.length}`
    for (const member of a.members) {
      let found: string | undefined = `no member ${member.name || '(anonymous)'}`
      for (const other of b.members) {
        if (!namesMatch(member.name, other.name)) continue
        const difference = this.difference(member.type, other.type, false, level - 1)
        if (difference === undefined) {
          found = undefined
          break
        }
        found = `${member.name || '(anonymous)'}: ${difference}`
      }
      if (found !== undefined) return found
    }
    return undefined
  }
}

function enumDifference(a: EnumType, b: EnumType): string | undefined {
  if (a.size !== b.size) return `has ${b.size} bytes, expected ${a.size}`
  if (a.values.length > b.values.length) return `has ${b.values.length} enumerators, expected at least ${a.values.length}`
  const names = new Set(b.values.map(value => essentialName(value.name)))
  const missing = a.values.find(value => !names.has(essentialName(value.name)))
  return missing === undefined ? undefined : `no enumerator ${missing.name}`
}

function fwdAgrees(a: FwdType, b: BtfType, behindPointer: boolean): boolean {
  if (b.kind === 'fwd') return a.of === b.of
  return behindPointer && b.kind === a.of
}

function namesMatch(local: string, target: string): boolean {
  return local === target || (target !== '' && essentialName(local) === essentialName(target))
}
