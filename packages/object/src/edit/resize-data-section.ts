import { type Btf, parseBtf, resolve, rewriteBtf, sizeOf, type VarType } from '@bpf/btf'
import { ObjectError } from '../object-error'
import type { MapSpec, ObjectSpec, VariableSpec } from '../spec'
import { getMap } from './find'

/**
 * Changes the size of a data section, by its map's name. The last variable must be an array: it gets as many elements as
 * there is room for. Contents are kept, or cut; what is new is zero.
 *
 *     resizeDataSection(spec, '.bss', 4096)
 *
 * @param size in bytes
 * @throws ObjectError
 */
export function resizeDataSection(spec: ObjectSpec, name: string, size: number): void {
  const map = getMap(spec, name)
  if (map.origin.kind !== 'data' || map.origin.access === 'kconfig') throw resizeError(map, 'it is no data section')
  if (!Number.isInteger(size) || size <= 0 || size > 0xffff_ffff) throw resizeError(map, `${size} bytes are no possible size`)
  growLastVariable(spec, map, size)
  if (map.contents !== undefined) map.contents = resized(map.contents, size)
  map.valueSize = size
}

/** Without BTF nothing is known about the variable, and the section alone changes. */
function growLastVariable(spec: ObjectSpec, map: MapSpec, size: number): void {
  const { btf } = spec
  const last = lastVariable(spec, map)
  if (btf === undefined || last === undefined || last.typeId === 0) return
  const variable = btf.type(last.typeId)
  if (variable.kind !== 'var') return
  spec.btf = withLength(btf, variable, elementCount(btf, variable, map, size - last.offset))
  spec.variables = spec.variables.map(other => (other === last ? { ...last, size: size - last.offset } : other))
}

function elementCount(btf: Btf, variable: VarType, map: MapSpec, size: number): number {
  const array = resolve(btf, variable.type)
  if (array.kind !== 'array') throw resizeError(map, `its last variable "${variable.name}" is no array`)
  const count = size / sizeOf(btf, array.type)
  if (Number.isInteger(count) && count >= 0) return count
  throw resizeError(map, `that leaves ${size} bytes for its last variable "${variable.name}", no whole number of elements`)
}

/** The same BTF but for the array's length. Ids stay. */
function withLength(btf: Btf, variable: VarType, length: number): Btf {
  const array = resolve(btf, variable.type)
  if (array.kind !== 'array' || array.length === length) return btf
  const { id, ...type } = array
  const appended = btf.endId as typeof id
  return parseBtf(rewriteBtf(btf, new Map([[variable.id, { ...variable, type: appended }]]), { append: [{ ...type, length }] }))
}

function lastVariable({ variables }: ObjectSpec, { name }: MapSpec): VariableSpec | undefined {
  return variables
    .filter(({ map }) => map === name)
    .reduce<VariableSpec | undefined>((last, variable) => {
      return last === undefined || variable.offset >= last.offset ? variable : last
    }, undefined)
}

function resized(bytes: Uint8Array, size: number): Uint8Array {
  const copy = new Uint8Array(size)
  copy.set(bytes.subarray(0, size))
  return copy
}

function resizeError({ name }: MapSpec, cause: string): ObjectError {
  return new ObjectError('ERR_BPF_OBJECT_EDIT', `map "${name}" cannot be resized: ${cause}`, { symbol: name })
}
