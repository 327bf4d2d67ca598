/**
 * The same memory as a plain `Uint8Array`. Node's `Buffer` is a `Uint8Array` whose `slice()` shares memory instead of
 * copying: whoever takes bytes from a caller and later copies them by `slice()` passes them through here first.
 */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
