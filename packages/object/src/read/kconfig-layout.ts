import { alignOf, type Btf, BtfError, sizeOf } from '@bpf/btf'
import { ObjectError } from '../object-error'
import type { ExternSpec } from '../spec'
import type { ExternDeclaration } from './externs'

/**
 * Gives each option its place in the `.kconfig` map as libbpf does: the strictest alignment first, the smallest first among
 * equals, and then by name.
 * @throws ObjectError for a type without a size
 */
export function layoutKconfig(btf: Btf, declarations: readonly ExternDeclaration[]): ExternSpec[] {
  const measured = declarations.map(declaration => ({ declaration, ...measure(btf, declaration) }))
  measured.sort((a, b) => b.align - a.align || a.size - b.size || (a.declaration.name < b.declaration.name ? -1 : 1))
  let end = 0
  return measured.map(({ declaration: { name, weak, type }, size, align }) => {
    const offset = Math.ceil(end / align) * align
    end = offset + size
    return { kind: 'kconfig', name, weak, typeId: type.id, offset, size }
  })
}

function measure(btf: Btf, { name, type }: ExternDeclaration): { size: number; align: number } {
  try {
    const size = sizeOf(btf, type.type)
    if (size > 0) return { size, align: alignOf(btf, type.type) }
  } catch (error) {
    if (!(error instanceof BtfError)) throw error
  }
  const message = `extern "${name}" in section .kconfig has a type without a size`
  throw new ObjectError('ERR_BPF_OBJECT_EXTERN', message, { section: '.kconfig', symbol: name })
}
