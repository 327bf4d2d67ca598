import { littleEndian } from '@bpf/sys'
import { ValueRangeError } from '../errors'
import type { ValueCodec } from './codec'

/** A codec with the alignment that C gives its type, so that it can be a member of a `struct`. */
export interface DeclaredCodec<T> extends ValueCodec<T> {
  /** Bytes. */
  readonly align: number
}

function integer(
  bits: 8 | 16 | 32,
  signed: boolean,
  get: (view: DataView, at: number) => number,
  set: (view: DataView, at: number, value: number) => void,
): DeclaredCodec<number> {
  const [least, most] = signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1]
  const title = `${signed ? 'a signed' : 'an unsigned'} ${bits}-bit integer`
  return {
    size: bits / 8,
    align: bits / 8,
    decode: get,
    encode: (value, view, offset) => {
      if (!Number.isInteger(value) || value < least || value > most) throw new ValueRangeError(title, value)
      set(view, offset, value)
    },
  }
}

export const u8 = /* @__PURE__ */ integer(
  8,
  false,
  (view, at) => view.getUint8(at),
  (view, at, value) => view.setUint8(at, value),
)
export const s8 = /* @__PURE__ */ integer(
  8,
  true,
  (view, at) => view.getInt8(at),
  (view, at, value) => view.setInt8(at, value),
)
export const u16 = /* @__PURE__ */ integer(
  16,
  false,
  (view, at) => view.getUint16(at, littleEndian),
  (view, at, value) => view.setUint16(at, value, littleEndian),
)
export const s16 = /* @__PURE__ */ integer(
  16,
  true,
  (view, at) => view.getInt16(at, littleEndian),
  (view, at, value) => view.setInt16(at, value, littleEndian),
)
export const u32 = /* @__PURE__ */ integer(
  32,
  false,
  (view, at) => view.getUint32(at, littleEndian),
  (view, at, value) => view.setUint32(at, value, littleEndian),
)
export const s32 = /* @__PURE__ */ integer(
  32,
  true,
  (view, at) => view.getInt32(at, littleEndian),
  (view, at, value) => view.setInt32(at, value, littleEndian),
)
/** In network byte order: ports, protocols. */
export const be16 = /* @__PURE__ */ integer(
  16,
  false,
  (view, at) => view.getUint16(at),
  (view, at, value) => view.setUint16(at, value),
)
/** In network byte order. */
export const be32 = /* @__PURE__ */ integer(
  32,
  false,
  (view, at) => view.getUint32(at),
  (view, at, value) => view.setUint32(at, value),
)

function bigInteger(
  title: string,
  wrap: (value: bigint) => bigint,
  get: (view: DataView, at: number) => bigint,
  set: (view: DataView, at: number, value: bigint) => void,
): DeclaredCodec<bigint> {
  return {
    size: 8,
    align: 8,
    decode: get,
    encode: (value, view, offset) => {
      if (typeof value !== 'bigint' || wrap(value) !== value) throw new ValueRangeError(title, value)
      set(view, offset, value)
    },
  }
}

export const u64 = /* @__PURE__ */ bigInteger(
  'an unsigned 64-bit bigint',
  value => BigInt.asUintN(64, value),
  (view, at) => view.getBigUint64(at, littleEndian),
  (view, at, value) => view.setBigUint64(at, value, littleEndian),
)
export const s64 = /* @__PURE__ */ bigInteger(
  'a signed 64-bit bigint',
  value => BigInt.asIntN(64, value),
  (view, at) => view.getBigInt64(at, littleEndian),
  (view, at, value) => view.setBigInt64(at, value, littleEndian),
)

export const bool: DeclaredCodec<boolean> = {
  size: 1,
  align: 1,
  decode: (view, offset) => view.getUint8(offset) !== 0,
  encode: (value, view, offset) => {
    if (typeof value !== 'boolean') throw new ValueRangeError('a boolean', value)
    view.setUint8(offset, Number(value))
  },
}
