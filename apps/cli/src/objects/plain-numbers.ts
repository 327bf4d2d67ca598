/** bpftool prints integers of 64 bits as numbers. Bytes stay what they are unless `ofBytes` says otherwise. */
export function plainNumbers(value: unknown, ofBytes: (bytes: Uint8Array) => unknown = bytes => bytes): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(each => plainNumbers(each, ofBytes))
  if (value instanceof Uint8Array) return ofBytes(value)
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plainNumbers(field, ofBytes)]))
}
