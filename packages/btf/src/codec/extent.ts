import { isFlexible, type RecordShape, type Shape } from './shape'
import { encodeText } from './text'

/** Values of an array, a typed array or whatever else has them by index. */
export type List = ArrayLike<unknown>

export function isList(value: unknown): value is List {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))
}

/** Bytes that a value takes: the size of its type, or more when it ends in a flexible array. A value of the wrong kind adds nothing. */
export function extentOf(shape: Shape, value: unknown): number {
  if (!isFlexible(shape)) return shape.size
  if (shape.kind === 'record') return recordExtent(shape, value)
  if (typeof value === 'string') return shape.kind === 'text' ? encodeText(value).length : 0
  const length = isList(value) ? value.length : 0
  return shape.kind === 'array' ? length * shape.element.size : length
}

function recordExtent(shape: RecordShape, value: unknown): number {
  let extent = shape.size
  if (typeof value !== 'object' || value === null) return extent
  for (const { name, offset, shape: inner } of shape.fields) {
    if (isFlexible(inner) && Object.hasOwn(value, name)) {
      extent = Math.max(extent, offset + extentOf(inner, (value as Readonly<Record<string, unknown>>)[name]))
    }
  }
  return extent
}
