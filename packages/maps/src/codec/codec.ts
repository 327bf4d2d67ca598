/**
 * Turns the bytes of a key, a value or a record into a JavaScript value and back. What `@bpf/btf` makes from a type, what
 * a caller declares, or raw bytes.
 */
export interface ValueCodec<T> {
  /** Bytes. */
  readonly size: number
  /** `length`: bytes there are, for types that end in an array of unknown length. */
  decode(view: DataView, offset: number, length?: number): T
  encode(value: T, view: DataView, offset: number): unknown
  /** Bytes of this value, where they vary. */
  sizeOf?(value: T): number
}

/** The value that a codec is for: `Decoded<typeof event>`. */
export type Decoded<C> = C extends ValueCodec<infer T> ? T : never

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
