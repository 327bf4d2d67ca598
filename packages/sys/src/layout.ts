import { BpfError, decodeCString } from '@bpf/bytes'
import { littleEndian } from './arch'

/**
 * C structures as tables: field name → type, in order, aligned by the rules of C. An entry `_` + anything is padding.
 *
 * `pointer` is a `__aligned_u64` that holds an address; `text16` a `char[16]`; `bytes8` a `__u8[8]`.
 */
export type FieldType = 'u8' | 'u16' | 'u32' | 's32' | 'u64' | 's64' | 'pointer' | `text${number}` | `bytes${number}`
export type FieldTable = Readonly<Record<string, FieldType>>

/** What a pointer field takes: memory, text (passed with a final NUL), or an address that the caller keeps alive. */
export type Pointer = ArrayBufferView | string | bigint

type Input<T extends FieldType> = T extends 'u64' | 's64'
  ? number | bigint
  : T extends 'pointer'
    ? Pointer
    : T extends `text${number}`
      ? string
      : T extends `bytes${number}`
        ? Uint8Array
        : number
type Output<T extends FieldType> = T extends 'u64' | 's64' | 'pointer'
  ? bigint
  : T extends `text${number}`
    ? string
    : T extends `bytes${number}`
      ? Uint8Array
      : number

/** Values to write; absent and undefined fields stay zero. */
export type FieldsOf<L> = L extends Layout<infer T> ? { readonly [K in keyof T]?: Input<T[K]> | undefined } : never
/** Values as read back. */
export type ReadOf<L> = L extends Layout<infer T> ? { readonly [K in keyof T]: Output<T[K]> } : never

type FieldKind = 'text' | 'bytes' | 'pointer' | 'signed' | 'unsigned'

export interface Field {
  readonly name: string
  readonly type: FieldType
  /** What `type` says, found out once: structures are written and read at each system call. */
  readonly kind: FieldKind
  /** Bytes from the start. */
  readonly offset: number
  /** Bytes. */
  readonly size: number
}

export interface Layout<T extends FieldTable = FieldTable> {
  readonly fields: readonly Field[]
  readonly byName: Readonly<Record<keyof T & string, Field>>
  /** Bytes up to the end of the last field, without padding behind it. */
  readonly size: number
}

/** Lays out a table; fields of one that follows another (a member of a union, say) start at `start`. */
export function layout<const T extends FieldTable>(table: T, start = 0): Layout<T> {
  const fields: Field[] = []
  let end = start
  for (const [name, type] of Object.entries(table)) {
    const { kind, size, align } = shapeOf(type)
    const offset = Math.ceil(end / align) * align
    end = offset + size
    fields.push({ name, type, kind, offset, size })
  }
  const byName = Object.fromEntries(fields.map(field => [field.name, field])) as Record<keyof T & string, Field>
  return { fields, byName, size: end }
}

function shapeOf(type: FieldType): { kind: FieldKind; size: number; align: number } {
  const array = /^(text|bytes)(\d+)$/.exec(type)
  if (array) return { kind: array[1] === 'text' ? 'text' : 'bytes', size: Number(array[2]), align: 1 }
  if (type === 'pointer') return { kind: 'pointer', size: 8, align: 8 }
  const size = Number(type.slice(1)) / 8
  return { kind: type.startsWith('s') ? 'signed' : 'unsigned', size, align: size }
}

/** Memory that pointers of an encoded structure refer to: hold it until the call is over. */
export type Keep = unknown[]

/**
 * Writes `values` into `bytes`, which the caller zeroed. Returns the end of the last field that is not zero, in bytes.
 *
 * @throws ArgumentError for numbers that the field cannot hold and for text that is too long.
 */
export function encodeFields<L extends Layout>(
  table: L,
  bytes: Uint8Array,
  values: FieldsOf<L>,
  addressOf: (memory: ArrayBufferView) => bigint,
  keep: Keep,
): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let used = 0
  for (const field of table.fields) {
    const value = (values as Readonly<Record<string, unknown>>)[field.name]
    // Empty text behind a pointer is still text: a kernel that is told of a license wants to read one.
    if (value === undefined || value === 0 || value === 0n || (value === '' && field.kind !== 'pointer')) continue
    writeField(view, bytes, field, value, addressOf, keep)
    used = Math.max(used, field.offset + field.size)
  }
  return used
}

function writeField(
  view: DataView,
  bytes: Uint8Array,
  field: Field,
  value: unknown,
  addressOf: (memory: ArrayBufferView) => bigint,
  keep: Keep,
): void {
  const { kind, offset, size } = field
  if (kind === 'text') bytes.set(encodeText(field, value), offset)
  else if (kind === 'bytes') bytes.set(checkBytes(field, value), offset)
  else if (kind === 'pointer') view.setBigUint64(offset, addressOfPointer(field, value, addressOf, keep), littleEndian)
  else if (size === 8) view.setBigUint64(offset, BigInt.asUintN(64, checkInteger(field, value)), littleEndian)
  else if (size === 4) view.setUint32(offset, checkNumber(field, value), littleEndian)
  else if (size === 2) view.setUint16(offset, checkNumber(field, value), littleEndian)
  else view.setUint8(offset, checkNumber(field, value))
}

const utf8 = /* @__PURE__ */ new TextEncoder()

function encodeText(field: Field, value: unknown): Uint8Array {
  const text = typeof value === 'string' ? utf8.encode(value) : undefined
  if (text === undefined || text.byteLength >= field.size || text.includes(0)) {
    throw new ArgumentError(field.name, value, `text of at most ${field.size - 1} bytes`)
  }
  return text
}

/** Text as C takes it, with its NUL. @throws ArgumentError if there is one inside: the kernel would see half of the text. */
export function cString(argument: string, text: string): Uint8Array {
  if (text.includes('\0')) throw new ArgumentError(argument, text, 'text without NUL')
  return utf8.encode(`${text}\0`)
}

function checkBytes(field: Field, value: unknown): Uint8Array {
  if (value instanceof Uint8Array && value.byteLength === field.size) return value
  throw new ArgumentError(field.name, value, `${field.size} bytes`)
}

/** For fields of at most four bytes: most are small numbers, which need no detour. */
function checkNumber(field: Field, value: unknown): number {
  const isSmall = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** (field.size * 8 - 1)
  return isSmall ? value : Number(checkInteger(field, value))
}

function checkInteger(field: Field, value: unknown): bigint {
  const bits = field.size * 8
  const isInteger = typeof value === 'bigint' || Number.isSafeInteger(value)
  const integer = isInteger ? BigInt(value as number | bigint) : 0n
  const isSigned = field.kind === 'signed'
  const fitsField = isSigned ? BigInt.asIntN(bits, integer) === integer : BigInt.asUintN(bits, integer) === integer
  if (isInteger && fitsField) return integer
  throw new ArgumentError(field.name, value, `${isSigned ? 'a signed' : 'an unsigned'} ${bits}-bit integer`)
}

function addressOfPointer(field: Field, value: unknown, addressOf: (memory: ArrayBufferView) => bigint, keep: Keep): bigint {
  if (typeof value === 'bigint') return checkInteger(field, value)
  const memory = typeof value === 'string' ? cString(field.name, value) : value
  if (!ArrayBuffer.isView(memory)) throw new ArgumentError(field.name, value, 'memory, text or an address')
  keep.push(memory)
  // The address of an empty or detached buffer is nothing a kernel should see.
  return memory.byteLength === 0 ? 0n : addressOf(memory)
}

/** Reads every field that lies within `bytes`; those beyond read as zero or empty. */
export function decodeFields<L extends Layout>(table: L, bytes: Uint8Array): ReadOf<L> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const values: Record<string, number | bigint | string | Uint8Array> = {}
  for (const field of table.fields) {
    if (!field.name.startsWith('_')) values[field.name] = readField(view, bytes, field)
  }
  return values as unknown as ReadOf<L>
}

function readField(view: DataView, bytes: Uint8Array, { kind, offset, size }: Field): number | bigint | string | Uint8Array {
  const inside = offset + size <= bytes.byteLength
  if (kind === 'text') return inside ? decodeCString(bytes.subarray(offset, offset + size)) : ''
  if (kind === 'bytes') return inside ? bytes.slice(offset, offset + size) : new Uint8Array(size)
  if (size === 8)
    return inside ? (kind === 'signed' ? view.getBigInt64(offset, littleEndian) : view.getBigUint64(offset, littleEndian)) : 0n
  if (!inside) return 0
  if (size === 4) return kind === 'signed' ? view.getInt32(offset, littleEndian) : view.getUint32(offset, littleEndian)
  return size === 2 ? view.getUint16(offset, littleEndian) : view.getUint8(offset)
}

/** A value that a system call's field cannot hold, found before the call. */
export class ArgumentError extends BpfError {
  override readonly name = 'ArgumentError'
  readonly argument: string

  constructor(argument: string, value: unknown, expected: string) {
    super('ERR_BPF_ARGUMENT', `${argument}: expected ${expected}, got ${show(value)}`)
    this.argument = argument
  }
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
