import { type Btf, createCodec, type TypeId } from '@bpf/btf'
import {
  codecOf,
  codecsByBtf,
  copyRecord,
  decodeWith,
  type MapCodecs,
  s8,
  s16,
  s32,
  s64,
  u8,
  u16,
  u32,
  u64,
  type ValueCodec,
} from '@bpf/maps'
import {
  findRecordType,
  type MapSpec,
  type ObjectSpec,
  type RecordVariants,
  recordTypeOf,
  recordVariants,
  type VariableSpec,
} from '@bpf/object'

/** Codecs for a map's keys and values, as far as the object's BTF describes them; the rest is as the kernel prescribes, or bytes. */
export function mapCodecs(spec: ObjectSpec, name: string): MapCodecs {
  const { btf, maps } = spec
  const map = maps.find(candidate => candidate.name === name)
  if (btf === undefined || map === undefined) return {}
  return map.origin.kind === 'data' ? { value: sectionCodec(spec, map) } : codecsOf(btf, map)
}

/** A data section, as an object of its variables. Its type in the BTF does not do: only ELF's symbols say where variables are. */
function sectionCodec(spec: ObjectSpec, { name, valueSize }: MapSpec): ValueCodec<unknown> | undefined {
  const members = spec.variables.flatMap(variable => {
    const codec = variable.map === name ? variableCodec(spec, variable) : undefined
    return codec === undefined ? [] : [{ name: variable.name, offset: variable.offset, codec }]
  })
  if (members.length === 0) return undefined
  return {
    size: valueSize,
    decode: (view, at) => Object.fromEntries(members.map(({ name, offset, codec }) => [name, codec.decode(view, at + offset)])),
    encode(value, view, at) {
      for (const { name, offset, codec } of members) codec.encode(Object(value)[name], view, at + offset)
    },
  }
}

function codecsOf(btf: Btf, map: MapSpec): MapCodecs {
  return { ...codecsByBtf(btf, map), inner: map.inner && codecsOf(btf, map.inner) }
}

/** Codec of a global variable; undefined when its type is not known. */
export function variableCodec(spec: ObjectSpec, variable: VariableSpec): ValueCodec<unknown> | undefined {
  const { btf } = spec
  if (btf === undefined || variable.typeId === 0) return undefined
  const type = btf.type(variable.typeId)
  return type.kind === 'var' ? codecOf(btf, type.type, variable.name) : undefined
}

/** A record at `[offset, offset + length)`. */
export type RecordDecoder = (data: DataView, offset: number, length: number) => unknown

/** What the records of a buffer are: a type of the object's BTF by its name, `struct event`, or a codec. */
export type RecordTypeChoice<T = unknown> = string | ValueCodec<T>

/**
 * Decodes what a ring or perf buffer delivers, by the type that is chosen, else that of the map, see `recordTypeOf`. Records
 * without one, and those too short for it, are delivered as bytes; those too short for a codec are an error.
 * @throws ObjectError if there is no type of the chosen name
 */
export function recordDecoder(spec: ObjectSpec, map: string, chosen?: RecordTypeChoice): RecordDecoder {
  if (typeof chosen === 'object') return decodeWith(chosen)
  const { btf } = spec
  const definition = spec.maps.find(m => m.name === map)
  const type = chosen === undefined ? btf && definition && recordTypeOf(btf, definition) : findRecordType(spec, chosen)
  if (btf === undefined || type === undefined) return copyRecord
  const variants = recordVariants(btf, type)
  return variants === undefined ? decoderOf(btf, type) : variantDecoder(btf, variants)
}

function decoderOf(btf: Btf, type: TypeId): RecordDecoder {
  const codec = createCodec<unknown>(btf, type)
  return (data, offset, length) => (length >= codec.size ? codec.decode(data, offset, length) : copyRecord(data, offset, length))
}

function variantDecoder(btf: Btf, { tag, types }: RecordVariants): RecordDecoder {
  const decoders = new Map([...types].map(([value, type]) => [value, decoderOf(btf, type)]))
  const tagType = btf.type(tag)
  const { size, signed } = tagType.kind === 'enum' ? tagType : { size: 4, signed: false }
  const tagCodec = (signed ? signedBySize : unsignedBySize).get(size)
  if (tagCodec === undefined) return copyRecord
  return (data, offset, length) => {
    if (length < size) return copyRecord(data, offset, length)
    const decode = decoders.get(BigInt(tagCodec.decode(data, offset))) ?? copyRecord
    return decode(data, offset, length)
  }
}

/** By bytes. */
const signedBySize = /* @__PURE__ */ integersBySize(s8, s16, s32, s64)
const unsignedBySize = /* @__PURE__ */ integersBySize(u8, u16, u32, u64)

function integersBySize(...codecs: readonly ValueCodec<number | bigint>[]): ReadonlyMap<number, ValueCodec<number | bigint>> {
  return new Map(codecs.map(codec => [codec.size, codec]))
}
