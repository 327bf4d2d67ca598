import { copyBytes } from '@bpf/bytes'
import { ValueSizeError } from '../errors'
import type { ValueCodec } from './codec'

/** Bytes as they are; decoding copies. */
export function rawCodec(size: number): ValueCodec<Uint8Array> {
  return {
    size,
    decode: (view, offset) => copyBytes(view, offset, size),
    encode: (value, view, offset) => {
      if (!(value instanceof Uint8Array) || value.byteLength !== size) throw new ValueSizeError(size, value)
      new Uint8Array(view.buffer, view.byteOffset + offset, size).set(value)
    },
  }
}
