import { decodeCString } from '@bpf/bytes'
import { ValueRangeError, ValueSizeError } from '../errors'
import type { Decoded, ValueCodec } from './codec'
import type { DeclaredCodec } from './scalars'

const utf8 = /* @__PURE__ */ new TextEncoder()

/** `char name[size]`: text up to the first NUL. Text that fills it needs no NUL. */
export function text(size: number): DeclaredCodec<string> {
  return {
    size,
    align: 1,
    decode: (view, offset) => decodeCString(bytesAt(view, offset, size)),
    encode: (value, view, offset) => {
      const bytes = typeof value === 'string' ? utf8.encode(value) : undefined
      if (bytes === undefined || bytes.byteLength > size) throw new ValueRangeError(`text of at most ${size} bytes`, value)
      bytesAt(view, offset, size).fill(0).set(bytes)
    },
  }
}

/** `unsigned char name[size]`; decoding copies. */
export function bytes(size: number): DeclaredCodec<Uint8Array> {
  return {
    size,
    align: 1,
    decode: (view, offset) => bytesAt(view, offset, size).slice(),
    encode: (value, view, offset) => {
      if (!(value instanceof Uint8Array) || value.byteLength !== size) throw new ValueSizeError(size, value)
      bytesAt(view, offset, size).set(value)
    },
  }
}

/** `type name[length]`. */
export function array<T>(element: DeclaredCodec<T>, length: number): DeclaredCodec<T[]> {
  return {
    size: element.size * length,
    align: element.align,
    decode: (view, offset) => Array.from({ length }, (_, i) => element.decode(view, offset + i * element.size)),
    encode: (values, view, offset) => {
      if (!Array.isArray(values) || values.length !== length) throw new ValueSizeError(length, values, 'elements')
      for (const [i, value] of values.entries()) element.encode(value, view, offset + i * element.size)
    },
  }
}

/** The object that a struct of these members becomes. */
export type StructOf<M> = { [K in keyof M]: Decoded<M[K]> }

/**
 * A C struct, laid out as a C compiler does, in the order of `members`:
 *
 *     const event = struct({ pid: u32, comm: text(16), bytes: u64 })   // 32 bytes: 4 of padding before `bytes`
 *
 * `packed` leaves no padding (`__attribute__((packed))`).
 */
export function struct<M extends Readonly<Record<string, DeclaredCodec<unknown>>>>(
  members: M,
  options: { readonly packed?: boolean } = {},
): DeclaredCodec<StructOf<M>> {
  const fields: { name: string; offset: number; codec: ValueCodec<unknown> }[] = []
  let size = 0
  let align = 1
  for (const [name, member] of Object.entries(members)) {
    const memberAlign = options.packed ? 1 : member.align
    align = Math.max(align, memberAlign)
    size = roundUp(size, memberAlign)
    fields.push({ name, offset: size, codec: member })
    size += member.size
  }
  size = roundUp(size, align)
  return {
    size,
    align,
    decode(view, offset) {
      const value: Record<string, unknown> = {}
      for (const field of fields) value[field.name] = field.codec.decode(view, offset + field.offset)
      return value as StructOf<M>
    },
    encode(value, view, offset) {
      if (typeof value !== 'object' || value === null) throw new ValueRangeError('an object', value)
      bytesAt(view, offset, size).fill(0)
      const given = value as Record<string, unknown>
      for (const field of fields) {
        if (!(field.name in given)) throw new ValueRangeError(`an object with "${field.name}"`, value)
        field.codec.encode(given[field.name], view, offset + field.offset)
      }
    },
  }
}

function bytesAt(view: DataView, offset: number, size: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + offset, size)
}

function roundUp(size: number, align: number): number {
  return Math.ceil(size / align) * align
}
