import { type Btf, resolve } from '@bpf/btf'
import { isEnum } from '../core/type-queries'
import type { ExternSpec } from '../spec'
import { PlanError } from './plan-error'

/** What an option's variable can hold. */
export type KconfigType = 'bool' | 'char' | 'int' | 'tristate' | 'string'

/** A kernel configuration option as a variable of the `.kconfig` map. */
export interface KconfigVariable {
  readonly name: string
  readonly weak: boolean
  readonly type: KconfigType
  readonly signed: boolean
  /** Bytes from the start of the map's value. */
  readonly offset: number
  /** Bytes. */
  readonly size: number
}

/** @throws PlanError for a variable of a type that holds no option. */
export function kconfigVariable(extern: ExternSpec & { readonly kind: 'kconfig' }, btf: Btf): KconfigVariable {
  const { name, weak, typeId, offset, size } = extern
  const variable = btf.type(typeId)
  const kind = variable.kind === 'var' ? kconfigType(btf, variable.type) : undefined
  if (kind !== undefined) return { name, weak, offset, size, ...kind }
  throw new PlanError('ERR_BPF_PLAN_KCONFIG', `extern "${name}": its type cannot hold a kernel configuration option`, {
    hint: 'declare it as bool, char, an integer of at most 8 bytes, enum libbpf_tristate, or an array of char',
  })
}

function kconfigType(btf: Btf, id: number): { type: KconfigType; signed: boolean } | undefined {
  const type = resolve(btf, id)
  if (type.kind === 'int') {
    const { size, encoding } = type
    if (encoding.bool) return size === 1 ? { type: 'bool', signed: false } : undefined
    if (![1, 2, 4, 8].includes(size)) return undefined
    return { type: size === 1 ? 'char' : 'int', signed: encoding.signed }
  }
  if (isEnum(type)) {
    const fits = type.kind === 'enum64' || type.size === 4
    return fits && type.name === 'libbpf_tristate' ? { type: 'tristate', signed: false } : undefined
  }
  if (type.kind !== 'array' || type.length === 0) return undefined
  return kconfigType(btf, type.type)?.type === 'char' ? { type: 'string', signed: false } : undefined
}
