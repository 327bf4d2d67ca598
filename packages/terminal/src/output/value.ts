import { toJson } from './json'
import { formatNanoseconds } from './nanoseconds'

/** A decoded value in a table cell: one line, strings without quotes, nothing a terminal would act on. */
export function formatValue(value: unknown): string {
  if (value === undefined || value === null) return '-'
  if (typeof value === 'string') return printable(value)
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  return printable(toJson(value))
}

/**
 * A field in a table cell, with its title. By convention a name that ends in `_ns` is a time in nanoseconds: it is shown as
 * one, and zero as nothing.
 */
export function formatField(name: string, value: unknown): { readonly title: string; readonly cell: string } {
  const isTime = name.endsWith('_ns') && (typeof value === 'bigint' || typeof value === 'number')
  if (!isTime) return { title: name, cell: formatValue(value) }
  return { title: name.slice(0, -'_ns'.length), cell: Number(value) === 0 ? '' : formatNanoseconds(value) }
}

/** Control characters come from whatever a BPF program saw; they never reach the terminal. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, c => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

/** A record's fields as columns: nested structs become `outer.inner`. */
export function flatten(record: unknown, prefix = ''): [string, unknown][] {
  if (!isPlainObject(record)) return [[prefix || 'value', record]]
  return Object.entries(record).flatMap(([name, value]) => flatten(value, prefix ? `${prefix}.${name}` : name))
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
}
