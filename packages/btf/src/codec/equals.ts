/** Whether two decoded values are the same: by content, NaN equal to itself. */
export function equals(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof Uint8Array || b instanceof Uint8Array) return sameBytes(a, b)
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  const right = b as Readonly<Record<string, unknown>>
  return (
    keys.length === Object.keys(b).length &&
    keys.every(key => Object.hasOwn(right, key) && equals((a as Readonly<Record<string, unknown>>)[key], right[key]))
  )
}

function sameBytes(a: object, b: object): boolean {
  if (!(a instanceof Uint8Array && b instanceof Uint8Array) || a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
