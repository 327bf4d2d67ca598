import { type Codec, createCodec } from '@bpf/btf'
import { BoundsError, fits } from '@bpf/bytes'
import { ObjectError } from '../object-error'
import type { MapSpec, ObjectSpec, VariableSpec } from '../spec'
import { getMap, getVariable } from './find'

/**
 * Gives a global variable its value before loading.
 * @throws ObjectError for an unknown name or one without a type, EncodeError for a value that does not fit its type
 */
export function setVariable(spec: ObjectSpec, name: string, value: unknown): void {
  const variable = getVariable(spec, name)
  const codec = variableCodec(spec, variable)
  // Into bytes of its own first: a value that turns out not to fit must change nothing.
  const bytes = zeros(codec.size, `variable "${name}"`, name)
  codec.encode(value, new DataView(bytes.buffer))
  const contents = writableContents(spec, getMap(spec, variable.map))
  checkPlace(variable, codec.size, contents)
  contents.set(bytes, variable.offset)
}

/** The initial value of a global variable. @throws ObjectError for an unknown name, one without a type, or far too many zeros */
export function getVariableValue(spec: ObjectSpec, name: string): unknown {
  const variable = getVariable(spec, name)
  const codec = variableCodec(spec, variable)
  const { contents } = getMap(spec, variable.map)
  if (contents === undefined) return codec.decode(new DataView(zeros(codec.size, `variable "${name}"`, name).buffer))
  checkPlace(variable, codec.size, contents)
  return codec.decode(new DataView(contents.buffer, contents.byteOffset, contents.byteLength), variable.offset)
}

/** The bytes of a data section, to be changed; zeros are made up only now. */
function writableContents(spec: ObjectSpec, map: MapSpec): Uint8Array {
  map.contents ??= zeros(sizeOfContents(spec, map), `section ${map.name}`, map.name)
  return map.contents
}

/** Bytes; real sections of zeros take some megabytes, but a header can claim any size, and nothing stands behind it. */
const MAX_ZEROS = 1 << 26

function zeros(size: number, what: string, symbol: string): Uint8Array<ArrayBuffer> {
  if (size <= MAX_ZEROS) return new Uint8Array(size)
  throw new ObjectError('ERR_BPF_OBJECT_EDIT', `${what} has ${size} bytes of zeros, too many to be read or set before loading`, {
    symbol,
    hint: 'Load the object and use the map.',
  })
}

/** An arena's variables are as large as they are; in other maps they fill the value. */
function sizeOfContents({ variables }: ObjectSpec, { name, origin, valueSize }: MapSpec): number {
  if (origin.kind === 'data') return valueSize
  return variables.reduce((end, variable) => (variable.map === name ? Math.max(end, variable.offset + variable.size) : end), 0)
}

function variableCodec({ btf }: ObjectSpec, variable: VariableSpec): Codec<unknown> {
  const type = btf && variable.typeId !== 0 ? btf.type(variable.typeId) : undefined
  if (btf === undefined || type?.kind !== 'var') {
    throw new ObjectError('ERR_BPF_OBJECT_EDIT', `variable "${variable.name}" has no type: the object was compiled without BTF`, {
      symbol: variable.name,
      hint: 'Compile with clang -g, or write to the contents of its map.',
    })
  }
  return createCodec<unknown>(btf, type.type, { name: variable.name })
}

/** @throws BoundsError if the caller made the section too small */
function checkPlace({ name, offset }: VariableSpec, size: number, contents: Uint8Array): void {
  if (fits(offset, size, contents.length)) return
  throw new BoundsError({ context: `variable "${name}"`, offset, wanted: size, available: contents.length })
}
