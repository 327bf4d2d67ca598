import { BtfKind, type DatasecType, type TypeId, type TypeInput } from '@bpf/btf'
import type { ObjectSpec } from '../spec'
import { datasecsOf, KCONFIG, KSYMS } from './btf-datasecs'
import type { BtfEdit } from './btf-edit'

/** Name of the variable that stands for functions, and of parameters that have none: the kernel insists on names. */
const DUMMY = 'dummy_ksym'
/** Bytes of the int that each kernel symbol is described as. */
const SYMBOL_SIZE = 4

/**
 * Rewrites the datasecs of externs, which the kernel would refuse as they are: options get their place in the `.kconfig`
 * map, kernel symbols become ints of a section that nobody ever sees.
 */
export function describeExterns(edit: BtfEdit, spec: ObjectSpec): void {
  for (const datasec of datasecsOf(edit)) {
    if (datasec.name === KCONFIG) describeOptions(edit, datasec, spec)
    if (datasec.name === KSYMS) describeSymbols(edit, datasec)
  }
  for (let id = edit.btf.startId; id < edit.btf.endId; id++) defineLeftovers(edit, id)
}

/** Externs that no section lists, such as `memcpy` in what gcc makes, or a variable declared beside its section. */
function defineLeftovers(edit: BtfEdit, id: number): void {
  const kind = edit.btf.kindOf(id)
  if (kind !== BtfKind.Func && kind !== BtfKind.Var) return
  const type = edit.get(id)
  if (type.kind === 'var' && type.linkage === 'extern') edit.set(id, { ...type, linkage: 'global' })
  if (type.kind === 'func' && type.linkage === 'extern') describeFunction(edit, id, type)
}

function describeOptions(edit: BtfEdit, datasec: DatasecType, spec: ObjectSpec): void {
  const options = spec.externs.flatMap(extern => (extern.kind === 'kconfig' ? [extern] : []))
  const places = new Map(options.map(extern => [extern.name, extern]))
  const variables = datasec.variables.map(variable => {
    const type = edit.btf.type(variable.type)
    if (type.kind === 'var') edit.set(type.id, { ...type, linkage: 'global' })
    return { ...variable, offset: places.get(type.name)?.offset ?? variable.offset }
  })
  variables.sort((a, b) => a.offset - b.offset)
  edit.set(datasec.id, { ...datasec, variables, size: Math.max(0, ...options.map(({ offset, size }) => offset + size)) })
}

function describeSymbols(edit: BtfEdit, datasec: DatasecType): void {
  const int = findInt(edit) ?? edit.append({ kind: 'int', name: 'int', size: SYMBOL_SIZE, encoding: { signed: true } })
  let dummy: TypeId | undefined
  const variables = datasec.variables.map((variable, index) => {
    const type = edit.btf.type(variable.type)
    const place = { offset: index * SYMBOL_SIZE, size: SYMBOL_SIZE }
    if (type.kind === 'func') {
      dummy ??= edit.append({ kind: 'var', name: DUMMY, linkage: 'global', type: int })
      describeFunction(edit, type.id, type)
      return { ...place, type: dummy }
    }
    if (type.kind === 'var') edit.set(type.id, { ...type, linkage: 'global', type: int })
    return { ...place, type: variable.type }
  })
  edit.set(datasec.id, { ...datasec, variables, size: variables.length * SYMBOL_SIZE })
}

function describeFunction(edit: BtfEdit, id: number, func: TypeInput & { readonly kind: 'func' }): void {
  edit.set(id, { ...func, linkage: 'global' })
  const proto = edit.get(func.type)
  if (proto.kind !== 'funcProto') return
  const params = proto.params.map(param => (param.name === '' && param.type !== 0 ? { ...param, name: DUMMY } : param))
  edit.set(func.type, { ...proto, params })
}

function findInt({ btf }: BtfEdit): TypeId | undefined {
  for (let id = btf.startId; id < btf.endId; id++) {
    const type = btf.kindOf(id) === BtfKind.Int ? btf.type(id) : undefined
    if (type?.kind === 'int' && type.bits === 32) return type.id
  }
  return undefined
}
