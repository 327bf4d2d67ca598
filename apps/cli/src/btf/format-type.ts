import type { BtfType } from '@bpf/btf'
import { formatValue } from '@bpf/terminal'

/** `[7] struct task size=32`, with a line for each member, value, parameter or variable. */
export function formatType({ id, kind, name, ...rest }: BtfType): string {
  const fields = Object.entries(rest).filter(([, value]) => !Array.isArray(value) && value !== undefined)
  const lists = Object.values(rest).filter(Array.isArray)
  const heading = [`[${id}]`, kind, formatValue(name) || '(anonymous)', ...fields.map(formatField)].join(' ')
  return [heading, ...lists.flat().map(item => `    ${formatItem(item)}`)].join('\n')
}

function formatField([name, value]: readonly [string, unknown]): string {
  if (typeof value !== 'object' || value === null) return `${name}=${String(value)}`
  const set = Object.entries(value).flatMap(([flag, isSet]) => (isSet === true ? [flag] : []))
  return `${name}=${set.join('+') || 'none'}`
}

function formatItem(item: object): string {
  const { name, ...rest } = item as { readonly name?: string }
  return [...(name === undefined ? [] : [formatValue(name) || '(anonymous)']), ...Object.entries(rest).map(formatField)].join(' ')
}
