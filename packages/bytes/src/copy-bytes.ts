/** More are faster copied as a block; a copy of so few takes half the time one by one, for the block is a second object. */
const fewBytes = 32

/** A copy of the bytes at `[offset, offset + length)` of a view. */
export function copyBytes(view: DataView, offset: number, length: number): Uint8Array<ArrayBuffer> {
  if (length > fewBytes) return new Uint8Array(view.buffer, view.byteOffset + offset, length).slice()
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = view.getUint8(offset + i)
  return bytes
}
