import { type Btf, type BtfType, type CompositeType, type FuncProtoType, resolve, type TypeId } from '@bpf/btf'

/** A type in the BTF of its object. */
export interface TypeIn {
  readonly btf: Btf
  readonly id: number
}

/** Structs nested deeper, or that take more comparisons, are no compiler's output. */
const MAX_DEPTH = 32
const MAX_COMPARISONS = 100_000

/**
 * Whether two objects mean the same by a global: the same names, kinds and sizes, also of everything inside. Behind pointers a
 * forward declaration or the name of a struct is enough, lengths of arrays and values of enums do not count.
 *
 * @returns the first difference, in words; undefined if there is none
 */
export function typeDifference(a: TypeIn, b: TypeIn): string | undefined {
  return difference(a, b, true, 0, { left: MAX_COMPARISONS })
}

function difference(a: TypeIn, b: TypeIn, exact: boolean, depth: number, budget: { left: number }): string | undefined {
  if (depth > MAX_DEPTH || budget.left-- === 0) return 'types are nested too deeply'
  const one = resolve(a.btf, a.id)
  const other = resolve(b.btf, b.id)
  const into = (first: TypeId, second: TypeId, exactly = exact) =>
    difference({ btf: a.btf, id: first }, { btf: b.btf, id: second }, exactly, depth + 1, budget)
  if (one.kind !== other.kind) return !exact && declares(one, other) ? undefined : `${describe(one)} is no ${describe(other)}`
  if (named.has(one.kind) && one.name !== other.name) return `${describe(one)} is no ${describe(other)}`
  if (sized.has(one.kind) && sizeOf(one) !== sizeOf(other)) return `${describe(one)} has ${sizeOf(one)} bytes or ${sizeOf(other)}`
  if (one.kind === 'ptr' && other.kind === 'ptr') return into(one.type, other.type, false)
  if (one.kind === 'array' && other.kind === 'array') return into(one.type, other.type)
  if ((one.kind === 'func' && other.kind === 'func') || (one.kind === 'var' && other.kind === 'var')) {
    if ((one.linkage === 'static') !== (other.linkage === 'static')) return 'it is static in one of them'
    return into(one.type, other.type)
  }
  if (isComposite(one) && isComposite(other)) return exact ? memberDifference(one, other, into) : undefined
  if (one.kind === 'funcProto' && other.kind === 'funcProto') return protoDifference(one, other, into)
  return undefined
}

type Into = (first: TypeId, second: TypeId) => string | undefined

function memberDifference(one: CompositeType, other: CompositeType, into: Into): string | undefined {
  if (one.members.length !== other.members.length) return `${describe(one)} has ${one.members.length} members or ${other.members.length}`
  for (const [index, member] of one.members.entries()) {
    const counterpart = other.members[index]
    const same = counterpart?.name === member.name && counterpart.bitOffset === member.bitOffset && counterpart.bitSize === member.bitSize
    if (!same) return `${describe(one)} differs in member ${member.name || index}`
    const found = into(member.type, counterpart.type)
    if (found !== undefined) return found
  }
  return undefined
}

function protoDifference(one: FuncProtoType, other: FuncProtoType, into: Into): string | undefined {
  if (one.params.length !== other.params.length) return `it has ${one.params.length} parameters or ${other.params.length}`
  for (const [index, param] of one.params.entries()) {
    const found = into(param.type, other.params[index]?.type ?? param.type)
    if (found !== undefined) return found
  }
  return into(one.returnType, other.returnType)
}

const named: ReadonlySet<BtfType['kind']> = new Set(['struct', 'union', 'enum', 'enum64', 'fwd', 'func', 'var'])
const sized: ReadonlySet<BtfType['kind']> = new Set(['int', 'float', 'enum', 'enum64'])

const isComposite = (type: BtfType): type is CompositeType => type.kind === 'struct' || type.kind === 'union'
const sizeOf = (type: BtfType): number => ('size' in type ? type.size : 0)

/** Whether one of the two is a forward declaration of the other. */
function declares(one: BtfType, other: BtfType): boolean {
  const isDeclaration = (declaration: BtfType, type: BtfType) =>
    declaration.kind === 'fwd' && declaration.of === type.kind && declaration.name === type.name
  return isDeclaration(one, other) || isDeclaration(other, one)
}

const describe = (type: BtfType): string => (type.name === '' ? type.kind : `${type.kind} ${type.name}`)
