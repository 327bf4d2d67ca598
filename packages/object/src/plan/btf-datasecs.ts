import { BtfKind, type BtfType, type DatasecType, resolve, type VarType } from '@bpf/btf'
import { sizeOfType } from '../core/type-queries'
import type { DataSectionLayout, MapSpec, ObjectSpec } from '../spec'
import type { BtfEdit } from './btf-edit'

/** Datasecs whose variables are not in ELF; they are laid out by the loader. */
export const KCONFIG = '.kconfig'
export const KSYMS = '.ksyms'

/**
 * Completes the datasecs: compilers leave sizes and the offsets of global variables 0, since only ELF's symbols have them (a static
 * linker fills in most), and know nothing of visibility, which makes a hidden variable static.
 */
export function completeDatasecs(edit: BtfEdit, spec: ObjectSpec): void {
  const layouts = new Map(spec.dataSections.map(layout => [layout.name, layout]))
  for (const datasec of datasecsOf(edit)) {
    if (datasec.name === KCONFIG || datasec.name === KSYMS) continue
    const layout = layouts.get(datasec.name)
    if (layout !== undefined) complete(edit, datasec, layout)
  }
}

/** All datasecs of the object, as compiled. */
export function datasecsOf({ btf }: BtfEdit): DatasecType[] {
  const found: DatasecType[] = []
  for (let id = btf.startId; id < btf.endId; id++) {
    const type = btf.kindOf(id) === BtfKind.Datasec ? btf.type(id) : undefined
    if (type?.kind === 'datasec') found.push(type)
  }
  return found
}

function complete(edit: BtfEdit, datasec: DatasecType, layout: DataSectionLayout): void {
  const symbols = new Map(layout.symbols.map(symbol => [symbol.name, symbol]))
  const variables = datasec.variables.map(variable => {
    const type = edit.btf.type(variable.type)
    const symbol = isVisible(type) ? symbols.get(type.name) : undefined
    if (symbol === undefined) return variable
    if (symbol.hidden && type.kind === 'var') edit.set(type.id, { ...type, linkage: 'static' })
    return variable.offset === symbol.offset ? variable : { ...variable, offset: symbol.offset }
  })
  variables.sort((a, b) => a.offset - b.offset)
  const size = datasec.size === 0 ? layout.size : datasec.size
  const isSame = size === datasec.size && variables.every((variable, index) => variable === datasec.variables[index])
  if (!isSame) edit.set(datasec.id, { ...datasec, size, variables })
}

const isVisible = (type: BtfType): type is VarType => type.kind === 'var' && type.linkage === 'global'

/**
 * Follows a data section's map whose size the caller changed: the last variable, which must be an array, gets as many elements
 * as there is room for. False when that is impossible and the map must go without BTF.
 */
export function resizeDatasec(edit: BtfEdit, { valueTypeId, valueSize }: MapSpec): boolean {
  const datasec = edit.get(valueTypeId)
  if (datasec.kind !== 'datasec') return false
  if (datasec.size === valueSize) return true
  const last = datasec.variables.at(-1)
  const variable = last && edit.get(last.type)
  if (last === undefined || variable?.kind !== 'var') return false
  const array = resolve(edit.btf, variable.type)
  const element = array.kind === 'array' ? sizeOfType(edit.btf, array.type) : undefined
  const length = (valueSize - last.offset) / (element ?? 0)
  if (array.kind !== 'array' || !Number.isInteger(length) || length < 0) return false
  const resized = edit.append({ kind: 'array', type: array.type, indexType: array.indexType, length })
  edit.set(last.type, { ...variable, type: resized })
  const variables = [...datasec.variables.slice(0, -1), { ...last, size: valueSize - last.offset }]
  edit.set(valueTypeId, { ...datasec, size: valueSize, variables })
  return true
}
