import { copyBytes } from '@bpf/bytes'
import type { ValueCodec } from '../codec/codec'
import { RecordSizeError } from '../errors'

/** Makes a value of the record at `[offset, offset + length)` of `data`, which is valid during the call only. */
export type RecordDecoder<T> = (data: DataView, offset: number, length: number) => T

export function copyRecord(data: DataView, offset: number, length: number): Uint8Array {
  return copyBytes(data, offset, length)
}

/** Decodes records by a codec; they may be longer. The decoder throws RecordSizeError at one that is shorter. */
export function decodeWith<T>(codec: ValueCodec<T>): RecordDecoder<T> {
  return (data, offset, length) => {
    if (length < codec.size) throw new RecordSizeError(codec.size, length)
    return codec.decode(data, offset, length)
  }
}
