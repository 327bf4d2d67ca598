import type { Btf, BtfType, BtfTypeOf, IntType } from '@bpf/btf'
import { toJson } from '@bpf/terminal'

type Fields = Readonly<Record<string, unknown>>
type FieldsOf<K extends BtfType['kind']> = (type: BtfTypeOf<K>) => Fields

/** Types as `bpftool -j btf dump` prints them in its raw format. */
export function bpftoolJson(btf: Btf, ids: readonly number[]): string {
  const json = toJson({ types: ids.map(id => bpftoolType(btf.type(id))) })
  // Values are numbers there, however large; a JavaScript number would round them.
  return json.replace(/"val":"(-?\d+)"/g, '"val":$1')
}

function bpftoolType(type: BtfType): Fields {
  const kind = type.kind.replace(/[A-Z]/, '_$&').toUpperCase()
  // The table holds one entry a kind; TypeScript cannot see that the one looked up fits the type.
  const fieldsOf = fields[type.kind] as (type: BtfType) => Fields
  return { id: type.id, kind, name: nameOf(type), ...fieldsOf(type) }
}

const nameOf = ({ name }: { readonly name: string }): string => name || '(anon)'

const none = (): Fields => ({})
const referring = ({ type }: { readonly type: number }): Fields => ({ type_id: type })
const linked: FieldsOf<'func' | 'var'> = ({ type, linkage }) => ({ type_id: type, linkage })

const composite: FieldsOf<'struct' | 'union'> = ({ size, members }) => ({
  size,
  vlen: members.length,
  members: members.map(member => ({
    name: nameOf(member),
    type_id: member.type,
    bits_offset: member.bitOffset,
    ...(member.bitSize > 0 && { bitfield_size: member.bitSize }),
  })),
})

const enumeration: FieldsOf<'enum' | 'enum64'> = ({ size, signed, values }) => ({
  encoding: signed ? 'SIGNED' : 'UNSIGNED',
  size,
  vlen: values.length,
  values: values.map(value => ({ name: nameOf(value), val: value.value })),
})

const fields: { readonly [K in BtfType['kind']]: FieldsOf<K> } = {
  void: none,
  unknown: none,
  int: type => ({ size: type.size, bits_offset: type.bitOffset, nr_bits: type.bits, encoding: encodingOf(type) }),
  ptr: referring,
  array: ({ type, indexType, length }) => ({ type_id: type, index_type_id: indexType, nr_elems: length }),
  struct: composite,
  union: composite,
  enum: enumeration,
  enum64: enumeration,
  fwd: ({ of }) => ({ fwd_kind: of }),
  typedef: referring,
  volatile: referring,
  const: referring,
  restrict: referring,
  typeTag: referring,
  func: linked,
  var: linked,
  funcProto: ({ returnType, params }) => ({
    ret_type_id: returnType,
    vlen: params.length,
    params: params.map(param => ({ name: nameOf(param), type_id: param.type })),
  }),
  datasec: ({ size, variables }) => ({
    size,
    vlen: variables.length,
    vars: variables.map(({ type, offset, size: bytes }) => ({ type_id: type, offset, size: bytes })),
  }),
  float: ({ size }) => ({ size }),
  declTag: ({ type, componentIndex }) => ({ type_id: type, component_idx: componentIndex }),
}

function encodingOf({ encoding }: IntType): string {
  const set = Object.entries(encoding).flatMap(([name, isSet]) => (isSet ? [name.toUpperCase()] : []))
  return set.length > 1 ? 'UNKN' : (set[0] ?? '(none)')
}
