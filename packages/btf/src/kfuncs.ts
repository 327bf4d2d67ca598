import { type Btf, BtfKind, type FuncType } from './types'

/** A function of the kernel that programs may call. */
export interface Kfunc {
  readonly func: FuncType
  /** It keeps the caller-saved registers, which clang can be told: `__bpf_fastcall`. */
  readonly fastcall: boolean
}

/** Functions with the declaration tag `bpf_kfunc` (in kernel BTF since Linux 6.10), by name, each name once. */
export function kfuncsOf(btf: Btf): readonly Kfunc[] {
  const functions = new Map<string, FuncType>()
  const fastcalls = new Set<number>()
  for (let id = 1; id < btf.endId; id++) {
    if (btf.kindOf(id) !== BtfKind.DeclTag) continue
    const tag = btf.type(id)
    if (tag.kind !== 'declTag' || tag.componentIndex !== -1) continue
    const func = btf.type(tag.type)
    if (func.kind !== 'func') continue
    if (tag.name === 'bpf_kfunc' && !functions.has(func.name)) functions.set(func.name, func)
    if (tag.name === 'bpf_fastcall') fastcalls.add(func.id)
  }
  return [...functions.values()].sort(byName).map(func => ({ func, fastcall: fastcalls.has(func.id) }))
}

const byName = (a: FuncType, b: FuncType): number => (a.name < b.name ? -1 : 1)
