import { type Btf, createCodec, resolve, type TypeId } from '@bpf/btf'
import { BpfError } from '@bpf/bytes'
import { MapType } from '@bpf/sys'
import type { ValueCodec } from './codec'
import { prefixCodec } from './prefix'

/** What BTF knows of a map's keys and values. */
export interface MapTypes {
  /** `MapType`. */
  readonly type: number
  /** Bytes. */
  readonly keySize: number
  /** In the BTF; 0 = none. */
  readonly keyTypeId: number
  readonly valueTypeId: number
}

/** Codecs for the keys and values of a map, as far as BTF describes them. Of per-CPU maps: of one value. */
export function codecsByBtf(
  btf: Btf,
  { type, keySize, keyTypeId, valueTypeId }: MapTypes,
): { readonly key: ValueCodec<unknown> | undefined; readonly value: ValueCodec<unknown> | undefined } {
  const prefix = type === MapType.LpmTrie ? attempt(() => prefixKeyCodec(btf, keyTypeId, keySize)) : undefined
  return { key: prefix ?? codecOf(btf, keyTypeId, 'key'), value: codecOf(btf, valueTypeId) }
}

/** Undefined where the type is unknown, or nothing that can be a value. `name`: what errors call it. */
export function codecOf(btf: Btf, type: number, name = 'value'): ValueCodec<unknown> | undefined {
  return type === 0 ? undefined : attempt(() => createCodec<unknown>(btf, type as TypeId, { name }))
}

/** BTF of a map is what its creator said: it may be anything. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof BpfError) return undefined
    throw error
  }
}

/**
 * Texts like `10.0.0.0/8`, if the key is a length and one member that can be an address: a number, an array, or the kernel's
 * own `struct in_addr` and `in6_addr`. A key of several members says more by their names.
 */
function prefixKeyCodec(btf: Btf, keyTypeId: number, keySize: number): ValueCodec<unknown> | undefined {
  const addressSize = keySize - 4
  if (keyTypeId === 0 || (addressSize !== 4 && addressSize !== 16)) return undefined
  const key = resolve(btf, keyTypeId)
  if (key.kind !== 'struct' || key.members.length !== 2) return undefined
  const [, address] = key.members
  const type = address && resolve(btf, address.type)
  const isAddress = type?.kind === 'int' || type?.kind === 'array' || type?.name === 'in_addr' || type?.name === 'in6_addr'
  return isAddress ? prefixCodec(addressSize) : undefined
}
