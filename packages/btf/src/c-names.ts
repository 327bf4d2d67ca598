import type { BtfType, EnumType } from './types'

/** How types and enumerators are called in C. */
export interface CNames {
  /** Of a struct, union, enum or forward declaration; empty if anonymous. */
  tag(type: BtfType): string
  /** Of a typedef, int, float or function. */
  identifier(type: BtfType): string
  enumerator(type: EnumType, index: number): string
}

/** The names that BTF has. */
export const plainNames: CNames = {
  tag: type => type.name,
  identifier: type => type.name,
  enumerator: (type, index) => type.values[index]?.name ?? '',
}
