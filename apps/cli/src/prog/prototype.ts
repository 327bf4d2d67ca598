import type { Btf, BtfType, BtfTypeOf } from '@bpf/btf'

/** A function's prototype as bpftool writes it: `int on_exec(struct context * ctx)`. Undefined for what it does not write. */
export function prototypeOf(btf: Btf, id: number): string | undefined {
  try {
    return typeText(btf, id).trimEnd()
  } catch (error) {
    if (error instanceof NoText) return undefined
    throw error
  }
}

class NoText extends Error {}

type Text<K extends BtfType['kind']> = (btf: Btf, type: BtfTypeOf<K>) => string

const named = (_: Btf, { name }: { readonly name: string }): string => `${name} `
const tagged: Text<'struct' | 'union'> = (_, { kind, name }) => `${kind} ${name} `
const enumeration: Text<'enum' | 'enum64'> = (_, { name }) => `enum ${name} `
const modified: Text<'const' | 'volatile' | 'restrict'> = (btf, { kind, type }) => `${kind} ${typeText(btf, type)}`

const texts: { readonly [K in BtfType['kind']]?: Text<K> } = {
  void: () => 'void ',
  int: named,
  typedef: named,
  float: named,
  struct: tagged,
  union: tagged,
  enum: enumeration,
  enum64: enumeration,
  fwd: (_, { of, name }) => `${of} ${name} `,
  array: (btf, { type, length }) => `${typeText(btf, type)}[${length}]`,
  ptr: (btf, { type }) => `${typeText(btf, type)}* `,
  const: modified,
  volatile: modified,
  restrict: modified,
  funcProto: (btf, proto) => functionText(btf, proto, ''),
  func(btf, { type, name }) {
    const proto = btf.type(type)
    if (proto.kind !== 'funcProto') throw new NoText()
    return functionText(btf, proto, name)
  },
}

function typeText(btf: Btf, id: number): string {
  const type = btf.type(id)
  // The table holds one writer a kind; TypeScript cannot see that the one looked up fits the type.
  const text = texts[type.kind] as ((btf: Btf, type: BtfType) => string) | undefined
  if (text === undefined) throw new NoText()
  return text(btf, type)
}

function functionText(btf: Btf, { returnType, params }: BtfTypeOf<'funcProto'>, name: string): string {
  const parameters = params.map(param => {
    if (param.type === 0) return '...'
    const text = typeText(btf, param.type)
    return param.name === '' ? text.replace(/ $/, '') : text + param.name
  })
  return `${typeText(btf, returnType)}${name}(${parameters.join(', ')})`
}
