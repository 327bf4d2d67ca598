import { wellFormed } from './text'

/** What `JSON.stringify` takes as it is. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** A decoded value as JSON: 64-bit integers as decimal strings, bytes as arrays of numbers, NaN and infinities by their names. */
export function toJson(value: unknown): Json {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'string') return wellFormed(value)
  if (typeof value === 'boolean') return value
  if (typeof value !== 'object' || value === null) return null
  if (value instanceof Uint8Array) return Array.from(value)
  if (Array.isArray(value)) return value.map(toJson)
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, toJson(field)]))
}
