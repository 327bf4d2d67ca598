import { type Btf, BtfError, type BtfType, type CompositeType, type Member, resolve, sizeOf, type TypeId } from '@bpf/btf'
import { nearNames } from '@bpf/bytes'
import { isMapInMap, MapType } from '../constants/map-type'
import { newMap } from '../new-map'
import { ObjectError } from '../object-error'
import type { MapSpec } from '../spec'

/** A definition that is being read, and what its attributes are read with. */
interface Definition {
  readonly btf: Btf
  readonly map: MapSpec
  /** A template within another map's definition. */
  readonly isInner: boolean
  readonly isLast: boolean
}

type AttributeReader = (definition: Definition, member: Member) => void

/** Every attribute of a definition in `.maps`. Numbers are array lengths behind a pointer: `int (*max_entries)[1024]`. */
const attributes: Readonly<Record<string, AttributeReader>> = {
  type: (d, member) => assign(d, { type: numberOf(d, member) }),
  max_entries: (d, member) => assign(d, { maxEntries: numberOf(d, member) }),
  map_flags: (d, member) => assign(d, { flags: numberOf(d, member) }),
  numa_node: (d, member) => assign(d, { numaNode: numberOf(d, member) }),
  map_extra: (d, member) => assign(d, { mapExtra: wideNumberOf(d, member) }),
  key_size: (d, member) => setSize(d, 'keySize', 'key', numberOf(d, member)),
  value_size: (d, member) => setSize(d, 'valueSize', 'value', numberOf(d, member)),
  key: (d, member) => {
    const { id, size } = pointee(d, member)
    setSize(d, 'keySize', 'key', size)
    assign(d, { keyTypeId: id })
  },
  value: (d, member) => {
    const { id, size } = pointee(d, member)
    setSize(d, 'valueSize', 'value', size)
    assign(d, { valueTypeId: id })
  },
  pinning: (d, member) => {
    if (d.isInner) throw invalid(d, member, 'an inner map cannot be pinned')
    assign(d, { pinning: pinningOf(numberOf(d, member)) })
  },
  values: readValues,
}

/**
 * Reads the struct type that defines a map.
 * @param relaxed unknown attributes are passed over
 * @throws ObjectError
 */
export function readMapAttributes(btf: Btf, name: string, type: CompositeType, relaxed: boolean): MapSpec {
  return readDefinition(btf, name, type, relaxed, false)
}

function readDefinition(btf: Btf, name: string, type: CompositeType, relaxed: boolean, isInner: boolean): MapSpec {
  const map = newMap(name, { origin: { kind: 'btf' } })
  for (const [index, member] of type.members.entries()) {
    const definition = { btf, map, isInner, isLast: index === type.members.length - 1 }
    const read = Object.hasOwn(attributes, member.name) ? attributes[member.name] : undefined
    if (read !== undefined) read(definition, member)
    else if (!relaxed) throw unknownAttribute(definition, member)
    if (member.name === 'values' && isMapInMap(map.type)) map.inner = readInner(definition, member, relaxed)
  }
  if (map.type === MapType.Unspec) throw new ObjectError('ERR_BPF_OBJECT_MAP_ATTRIBUTE', `map "${name}" has no type`, { symbol: name })
  return map
}

/** `values` is an array of length 0 at the end, of pointers to inner maps or to functions; its elements are in `.maps`. */
function readValues(d: Definition, member: Member): void {
  if (d.isInner) throw invalid(d, member, 'an inner map cannot hold maps itself')
  if (!d.isLast) throw invalid(d, member, 'it must be the last attribute')
  const isProgArray = d.map.type === MapType.ProgArray
  if (!isProgArray && !isMapInMap(d.map.type))
    throw invalid(d, member, 'only maps of maps and program arrays have it, and `type` comes before')
  setSize(d, 'valueSize', 'value', 4)
  const wanted = isProgArray ? 'funcProto' : 'struct'
  const found = valuesElement(d, member)
  if (found.kind !== wanted) throw invalid(d, member, `its elements must point to ${isProgArray ? 'functions' : 'a map definition'}`)
}

function readInner(d: Definition, member: Member, relaxed: boolean): MapSpec {
  const element = valuesElement(d, member)
  if (element.kind !== 'struct') throw invalid(d, member, 'its elements must point to a map definition')
  return readDefinition(d.btf, `${d.map.name}.inner`, element, relaxed, true)
}

/** What the elements of `values` point to. */
function valuesElement(d: Definition, member: Member): BtfType {
  const array = d.btf.type(member.type)
  if (array.kind !== 'array' || array.length !== 0) throw invalid(d, member, 'it must be an array of length 0')
  const pointer = resolve(d.btf, array.type)
  if (pointer.kind !== 'ptr') throw invalid(d, member, 'its elements must be pointers')
  return resolve(d.btf, pointer.type)
}

function numberOf(d: Definition, member: Member): number {
  const pointer = resolve(d.btf, member.type)
  const array = pointer.kind === 'ptr' ? d.btf.type(pointer.type) : pointer
  if (pointer.kind !== 'ptr' || array.kind !== 'array') throw invalid(d, member, 'it must be a pointer to an array, as __uint() declares')
  return array.length
}

/** A number, or the only value of an enum, which can hold 64 bits. */
function wideNumberOf(d: Definition, member: Member): bigint {
  const type = resolve(d.btf, member.type)
  if (type.kind !== 'enum' && type.kind !== 'enum64') return BigInt(numberOf(d, member))
  const [only, second] = type.values
  if (only === undefined || second !== undefined) throw invalid(d, member, 'its enum must have one value, as __ulong() declares')
  // A plain enum is 32 bits wide and counts as signed, whatever its flag says.
  return BigInt.asUintN(64, type.kind === 'enum' ? BigInt.asIntN(32, only.value) : only.value)
}

function pointee(d: Definition, member: Member): { id: TypeId; size: number } {
  const pointer = d.btf.type(member.type)
  if (pointer.kind !== 'ptr') throw invalid(d, member, 'it must be a pointer, as __type() declares')
  try {
    return { id: pointer.type, size: sizeOf(d.btf, pointer.type) }
  } catch (error) {
    throw error instanceof BtfError ? invalid(d, member, error.message) : error
  }
}

function setSize(d: Definition, field: 'keySize' | 'valueSize', what: string, size: number): void {
  const before = d.map[field]
  if (before !== 0 && before !== size) {
    const message = `map "${d.map.name}": conflicting ${what} sizes, ${before} and ${size} bytes`
    throw new ObjectError('ERR_BPF_OBJECT_MAP_ATTRIBUTE', message, { section: '.maps', symbol: d.map.name })
  }
  assign(d, { [field]: size })
}

function assign({ map }: Definition, parts: Partial<MapSpec>): void {
  Object.assign(map, parts)
}

function pinningOf(value: number): MapSpec['pinning'] {
  return value === 0 ? 'none' : value === 1 ? 'byName' : value
}

function unknownAttribute(d: Definition, { name }: Member): ObjectError {
  const near = nearNames(name, Object.keys(attributes))
  return invalid(d, { name }, 'there is no such attribute', near.length > 0 ? `Did you mean ${near.join(' or ')}?` : undefined)
}

function invalid({ map }: Definition, { name }: Pick<Member, 'name'>, cause: string, hint?: string): ObjectError {
  return new ObjectError('ERR_BPF_OBJECT_MAP_ATTRIBUTE', `map "${map.name}", attribute ${name}: ${cause}`, {
    section: '.maps',
    symbol: map.name,
    hint,
  })
}
