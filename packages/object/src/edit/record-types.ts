import { type Btf, referencesOf, resolve, sizeOf, type TypeId } from '@bpf/btf'
import { nearNames } from '@bpf/bytes'
import { MapType } from '../constants/map-type'
import { ObjectError } from '../object-error'
import type { MapSpec, ObjectSpec } from '../spec'
import { getMap } from './find'

/** Whether a map carries records: a ring buffer or a perf buffer. */
export function isEventBuffer({ type }: Pick<MapSpec, 'type'>): boolean {
  return type === MapType.Ringbuf || type === MapType.PerfEventArray
}

/**
 * Says what the records of a ring or perf buffer are, where its definition does not: `struct event`, `event`, a typedef.
 * @throws ObjectError if there is no such map or type, or the map carries no records
 */
export function setRecordType(spec: ObjectSpec, map: string, type: string): void {
  const definition = getMap(spec, map)
  if (!isEventBuffer(definition)) {
    const buffers = spec.maps.filter(isEventBuffer).map(({ name }) => name)
    throw new ObjectError('ERR_BPF_OBJECT_EDIT', `map "${map}" carries no records: it is neither a ring buffer nor a perf buffer`, {
      symbol: map,
      hint: buffers.length > 0 ? `those of this object: ${buffers.join(', ')}` : 'this object has none',
    })
  }
  definition.recordTypeId = findRecordType(spec, type)
}

/** Where a name alone may be of several kinds, the first counts. */
const kinds = ['struct', 'union', 'typedef', 'enum', 'enum64', 'int'] as const

/** @throws ObjectError with near names, and why a type of the C source may not be there */
export function findRecordType({ btf, maps, functions, programs }: ObjectSpec, text: string): TypeId {
  const [, kind, name = text] = /^(struct|union|enum)\s+(\S+)$/.exec(text.trim()) ?? []
  const found = btf && kinds.filter(each => kind === undefined || each === kind).flatMap(each => btf.idsByName(name, each))
  const id = found?.find(candidate => btf !== undefined && hasSize(btf, candidate))
  if (id !== undefined) return id
  const where = btf === undefined ? 'this object has no BTF' : 'there is none in the BTF of this object'
  throw new ObjectError('ERR_BPF_OBJECT_NO_SUCH', `type "${text}": ${where}`, {
    symbol: text,
    hint: btf === undefined ? 'compile it with clang -g' : hintFor(name, recordTypeCandidates({ btf, maps, functions, programs }, '')),
  })
}

/** Clang writes only the types that something visible uses: those of local variables are not among them. */
export const keepType =
  'clang leaves out types of local variables; a global variable "const struct NAME *unused __attribute__((unused))" keeps one'

function hintFor(name: string, candidates: readonly string[]): string {
  const near = nearNames(name, candidates)
  if (near.length > 0) return `did you mean ${near.join(' or ')}?`
  return candidates.length > 0 ? `there are ${candidates.slice(0, 8).join(', ')}; ${keepType}` : keepType
}

function hasSize(btf: Btf, id: TypeId): boolean {
  try {
    return sizeOf(btf, id) > 0
  } catch {
    return false
  }
}

/**
 * Structs of an object's own that the records of `map` may be, the likeliest first: those whose name resembles the map's. Types
 * of the kernel, which CO-RE relocations and contexts of programs lead to, are left out.
 */
export function recordTypeCandidates(
  { btf, maps, functions, programs }: Pick<ObjectSpec, 'btf' | 'maps' | 'functions' | 'programs'>,
  map: string,
): readonly string[] {
  if (btf === undefined) return []
  const kernel = new Set<number>()
  for (const { coreRelocations } of functions) for (const { typeId } of coreRelocations) addReachable(btf, typeId, kernel)
  for (const program of programs) {
    const context = contextOf(btf, functions.find(({ name }) => name === program.function)?.typeId ?? 0)
    if (context !== undefined) addReachable(btf, context, kernel)
  }
  const definitions = new Set(maps.map(({ name }) => definitionOf(btf, name)))
  const names: string[] = []
  for (let id = btf.startId; id < btf.endId; id++) {
    const type = btf.type(id)
    if (type.kind !== 'struct' || type.name === '' || type.size === 0 || kernel.has(id) || definitions.has(id)) continue
    if (!type.name.startsWith('____btf_map_')) names.push(type.name)
  }
  const stem = map.replace(/s$/, '')
  return [...new Set(names)].toSorted((a, b) => Number(isAlike(b, stem)) - Number(isAlike(a, stem)))
}

const isAlike = (name: string, stem: string) => stem !== '' && (name.includes(stem) || stem.includes(name))

/** A type with all that it refers to. */
function addReachable(btf: Btf, id: number, into: Set<number>): void {
  const open = [id]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === 0 || into.has(next)) continue
    into.add(next)
    for (const reference of referencesOf(btf.type(next))) open.push(reference)
  }
}

/** What a program's first argument points to. */
function contextOf(btf: Btf, func: number): TypeId | undefined {
  const type = func === 0 ? undefined : btf.type(func)
  const proto = type?.kind === 'func' ? btf.type(type.type) : undefined
  const [context] = proto?.kind === 'funcProto' ? proto.params : []
  const pointer = context && resolve(btf, context.type)
  return pointer?.kind === 'ptr' ? pointer.type : undefined
}

/** The struct that defines a map of `.maps`, where it has a name. */
function definitionOf(btf: Btf, map: string): number | undefined {
  const variable = btf.find(map, 'var')
  return variable && resolve(btf, variable.type).id
}
