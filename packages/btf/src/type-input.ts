import type { BtfType, IntType } from './types'

type WithoutId<T> = T extends { readonly kind: 'void' | 'unknown' }
  ? never
  : T extends IntType
    ? IntInput
    : T extends { readonly kind: string }
      ? Omit<T, 'id' | 'name'> & { readonly name?: string | undefined }
      : never

/** An int with what is usual left out: `{ kind: 'int', name: 'int', size: 4, encoding: { signed: true } }`. */
export interface IntInput {
  readonly kind: 'int'
  readonly name?: string | undefined
  /** Size in bytes. */
  readonly size: number
  readonly encoding?: Partial<IntType['encoding']> | undefined
  /** 0 unless given. */
  readonly bitOffset?: number | undefined
  /** All bits of `size` unless given. */
  readonly bits?: number | undefined
}

/** A type to be written: a `BtfType` without its id, its name optional. Every `BtfType` that is neither void nor unknown is one. */
export type TypeInput = WithoutId<BtfType>
