import type { BtfType } from './types'

/** Bytes that follow the 12-byte `struct btf_type`: once, and per element (`vlen` of them). */
export interface KindLayout {
  readonly infoSize: number
  readonly elementSize: number
}

interface Kind extends KindLayout {
  readonly name: BtfType['kind']
}

const kind = (name: BtfType['kind'], infoSize = 0, elementSize = 0): Kind => ({ name, infoSize, elementSize })

/** By kind number; sizes as the structs of include/uapi/linux/btf.h. */
export const kindTable: readonly Kind[] = [
  kind('void'),
  kind('int', 4),
  kind('ptr'),
  kind('array', 12),
  kind('struct', 0, 12),
  kind('union', 0, 12),
  kind('enum', 0, 8),
  kind('fwd'),
  kind('typedef'),
  kind('volatile'),
  kind('const'),
  kind('restrict'),
  kind('func'),
  kind('funcProto', 0, 8),
  kind('var', 4),
  kind('datasec', 0, 12),
  kind('float'),
  kind('declTag', 4),
  kind('typeTag'),
  kind('enum64', 0, 12),
]

/** `BtfType['kind']` of a kind number. */
export function kindName(rawKind: number): BtfType['kind'] {
  return kindTable[rawKind]?.name ?? 'unknown'
}

/** The kind of a record's `info` word: bits 24 to 30. Kernels before 7.1 used 24 to 28, and keep 29 and 30 zero. */
export const kindOfInfo = (info: number): number => (info >>> 24) & 0x7f

/** The element count of a record's `info` word: bits 0 to 23. Kernels before 7.1 used 0 to 15, and keep the rest zero. */
export const vlenOfInfo = (info: number): number => info & 0xffffff

/** `kind_flag`: the top bit of a record's `info` word. */
export const flagOfInfo = (info: number): boolean => info >>> 31 === 1

/** Size of `struct btf_type`: name offset, info, size or type. */
export const recordSize = 12
