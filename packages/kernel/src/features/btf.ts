import type { TypeId, TypeInput } from '@bpf/btf'
import { judge, type Probe, tryBtf } from './probe'

const id = (value: number) => value as TypeId
const int: TypeInput = { kind: 'int', name: 'int', size: 4, encoding: { signed: true } }
const variable: TypeInput = { kind: 'var', name: 'x', type: id(1), linkage: 'static' }
const proto: TypeInput = { kind: 'funcProto', returnType: id(0), params: [{ name: 'a', type: id(1) }] }
const func = (linkage: 'static' | 'global'): TypeInput => ({ kind: 'func', name: 'f', type: id(2), linkage })
const datasec = (name: string): TypeInput => ({ kind: 'datasec', name, size: 4, variables: [{ type: id(2), offset: 0, size: 4 }] })

/** A blob that only kernels with the feature accept. */
const accepts =
  (types: readonly TypeInput[], options: { readonly layout?: boolean } = {}): Probe =>
  ({ sys }) =>
    judge(tryBtf(sys, types, options))

export const btfProbes = {
  /** 4.18 */
  btf: accepts([int]),
  /** 5.0 */
  btfFunc: accepts([int, proto, func('static')]),
  /** 5.6 */
  btfGlobalFunc: accepts([int, proto, func('global')]),
  /** 5.2 */
  btfDatasec: accepts([int, variable, datasec('.data')]),
  /** 5.13 */
  btfFloat: accepts([{ kind: 'float', name: 'float', size: 4 }]),
  /** 5.16 */
  btfDeclTag: accepts([int, variable, { kind: 'declTag', name: 'tag', type: id(2), componentIndex: -1 }]),
  /** 5.17 */
  btfTypeTag: accepts([int, { kind: 'typeTag', name: 'tag', type: id(1) }, { kind: 'ptr', type: id(2) }]),
  /** 6.0 */
  btfEnum64: accepts([{ kind: 'enum64', name: 'e', size: 8, signed: false, values: [] }]),
  /** 6.9: section names that begin with `?`. */
  btfQuestionMarkDatasec: accepts([int, variable, datasec('?.data')]),
  /** 7.1: a table of record sizes. */
  btfLayout: accepts([int], { layout: true }),
} satisfies Record<string, Probe>
