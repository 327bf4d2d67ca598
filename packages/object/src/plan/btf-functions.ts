import type { ObjectSpec } from '../spec'
import type { BtfEdit } from './btf-edit'

/** Makes hidden global functions static, so that the verifier looks at each call of them in its context. Entry functions stay. */
export function hideFunctions(edit: BtfEdit, spec: ObjectSpec): void {
  const entries = new Set(spec.programs.map(program => program.function))
  for (const fn of spec.functions) {
    if (!fn.hidden || entries.has(fn.name) || fn.typeId === 0) continue
    const type = edit.btf.type(fn.typeId)
    if (type.kind === 'func') edit.set(type.id, { ...type, linkage: 'static' })
  }
}
