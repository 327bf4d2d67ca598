import { type Btf, BtfBuilder, type Member, parseBtf, type TypeId } from '@bpf/btf'

export interface BuildOptions {
  readonly littleEndian?: boolean
  readonly base?: Btf
}

/** BTF made in a test. Member offsets are bytes; a fourth element is the width of a bit field whose offset is in bits. */
export class TestBtf extends BtfBuilder {
  int(name: string, size: number, encoding: { signed?: boolean; char?: boolean; bool?: boolean } = {}): TypeId {
    return this.add({ kind: 'int', name, size, encoding })
  }

  ptr(type: TypeId | 0): TypeId {
    return this.add({ kind: 'ptr', type: type as TypeId })
  }

  array(type: TypeId, length: number): TypeId {
    return this.add({ kind: 'array', type, indexType: type, length })
  }

  typedef(name: string, type: TypeId): TypeId {
    return this.add({ kind: 'typedef', name, type })
  }

  const(type: TypeId): TypeId {
    return this.add({ kind: 'const', type })
  }

  struct(name: string, size: number, ...members: readonly TestMember[]): TypeId {
    return this.add({ kind: 'struct', name, size, members: members.map(memberOf) })
  }

  union(name: string, size: number, ...members: readonly TestMember[]): TypeId {
    return this.add({ kind: 'union', name, size, members: members.map(memberOf) })
  }

  enum(name: string, values: Readonly<Record<string, number | bigint>>, options: { size?: number; signed?: boolean } = {}): TypeId {
    const { size = 4, signed = false } = options
    const list = Object.entries(values).map(([name, value]) => ({ name, value: BigInt(value) }))
    return this.add({ kind: size === 8 ? 'enum64' : 'enum', name, size, signed, values: list })
  }

  fwd(name: string, of: 'struct' | 'union' = 'struct'): TypeId {
    return this.add({ kind: 'fwd', name, of })
  }

  proto(returnType: TypeId | 0, ...params: readonly (TypeId | 0)[]): TypeId {
    const list = params.map((type, index) => ({ name: `arg${index}`, type: type as TypeId }))
    return this.add({ kind: 'funcProto', returnType: returnType as TypeId, params: list })
  }

  func(name: string, type: TypeId, linkage: 'static' | 'global' | 'extern' = 'global'): TypeId {
    return this.add({ kind: 'func', name, type, linkage })
  }

  variable(name: string, type: TypeId, linkage: 'static' | 'global' | 'extern' = 'global'): TypeId {
    return this.add({ kind: 'var', name, type, linkage })
  }
}

export type TestMember = readonly [name: string, type: TypeId, offset: number, bits?: number]

function memberOf([name, type, offset, bits]: TestMember): Member {
  return { name, type, bitOffset: bits === undefined ? offset * 8 : offset, bitSize: bits ?? 0 }
}

/** What `define` returns beside the BTF that it made. */
export function buildBtf<T>(define: (btf: TestBtf) => T, options: BuildOptions = {}): { readonly btf: Btf; readonly ids: T } {
  const { littleEndian = true, base } = options
  const builder = new TestBtf({ littleEndian, base })
  const ids = define(builder)
  return { btf: parseBtf(builder.toBytes(), { base }), ids }
}
