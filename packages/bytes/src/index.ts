/**
 * Bounded byte cursor, byte writer, 64-bit reads, error base and name tables shared by the packages.
 *
 * @module @bpf/bytes
 */

export { copyBytes } from './copy-bytes'
export { Cursor, type CursorOptions, fits } from './cursor'
export { BoundsError, BpfError, type BpfErrorOptions, UnsafeIntegerError } from './errors'
export { groupBy } from './group-by'
export { flagNames, type NameTable, nameOf, nearNames, snakeCase, snakeName } from './names'
export { plainBytes } from './plain-bytes'
export { decodeCString, toHex } from './text'
export { ByteWriter } from './writer'
