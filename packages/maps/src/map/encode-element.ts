import { EncodeError } from '@bpf/btf'
import { BpfError } from '@bpf/bytes'
import type { ValueCodec } from '../codec/codec'
import { MapError } from '../errors'

/** Writes a key or value as the map holds it. What does not fit is said of the map. @throws MapError with the codec's `code` */
export function encodeElement<T>(map: string, what: 'key' | 'value', codec: ValueCodec<T>, value: T, view: DataView, offset = 0): void {
  try {
    codec.encode(value, view, offset)
  } catch (cause) {
    if (!(cause instanceof BpfError)) throw cause
    // Codecs by BTF say where in the key or value it is.
    const problem = cause instanceof EncodeError ? cause.message : `${what}: ${cause.message}`
    throw new MapError(cause.code, map, problem, { cause })
  }
}
