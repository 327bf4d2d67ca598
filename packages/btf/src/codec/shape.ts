/**
 * How a type's bytes become a value: what is left of a BTF type once typedefs, qualifiers and anonymous members are resolved.
 * Reader and writer, compiled or interpreted, all work from shapes and never look at BTF.
 */
export type Shape = ScalarShape | BitsShape | TextShape | BytesShape | ArrayShape | RecordShape

/** What an integer is in JavaScript. */
export type NumberForm = 'number' | 'bigint'

export interface IntShape {
  readonly kind: 'int'
  /** Bytes. */
  readonly size: IntSize
  readonly signed: boolean
  /** Of 1 and 2 bytes always a number. */
  readonly form: NumberForm
}

export type IntSize = 1 | 2 | 4 | 8 | 16

export interface BoolShape {
  readonly kind: 'bool'
  readonly size: 1 | 2 | 4 | 8
}

export interface EnumShape {
  readonly kind: 'enum'
  /** In C; empty where it has none. */
  readonly name: string
  readonly size: 1 | 2 | 4 | 8
  readonly signed: boolean
  /** Of values without a name. */
  readonly form: NumberForm
  /** By value, in `form`. */
  readonly names: ReadonlyMap<number | bigint, string>
  readonly values: ReadonlyMap<string, bigint>
}

/** A single `char`: a string of one character, U+0000 to U+00FF, empty for NUL. */
export interface CharShape {
  readonly kind: 'char'
  readonly size: 1
}

export interface FloatShape {
  readonly kind: 'float'
  readonly size: 4 | 8
}

export type ScalarShape = IntShape | BoolShape | EnumShape | CharShape | FloatShape

/** A bitfield. Bit 0 is the lowest of the first byte, in big-endian BTF the highest. */
export interface BitsShape {
  readonly kind: 'bits'
  readonly of: IntShape | BoolShape | EnumShape
  /** Position of the first bit within the byte at the field's offset, 0 to 7. */
  readonly bit: number
  readonly bits: number
  /** Bytes that it touches. */
  readonly size: number
}

/** Something whose length is 0 in BTF and really given by how long the value is: a flexible array at the end of a struct. */
interface Sized {
  readonly length: number
  readonly flexible: boolean
  /** Bytes; 0 when flexible. */
  readonly size: number
}

/** A `char` array: text up to the first NUL. */
export interface TextShape extends Sized {
  readonly kind: 'text'
}

/** An array of bytes: `Uint8Array`. */
export interface BytesShape extends Sized {
  readonly kind: 'bytes'
}

export interface ArrayShape extends Sized {
  readonly kind: 'array'
  readonly element: Shape
}

/** A struct, a union, or the variables of a data section. */
export interface RecordShape {
  readonly kind: 'record'
  readonly size: number
  readonly union: boolean
  /** `struct task`, for messages. */
  readonly title: string
  /** As declared. A member without name is a record whose members count as this one's. */
  readonly members: readonly Field[]
  /** All that have a name, those of anonymous members included. */
  readonly fields: readonly Field[]
  /** Whether it ends in a flexible array. */
  readonly flexible: boolean
}

export interface Field {
  readonly name: string
  /** Bytes from the start of the record. */
  readonly offset: number
  readonly shape: Shape
}

/** Whether values of this shape vary in size. */
export const isFlexible = (shape: Shape): boolean => 'flexible' in shape && shape.flexible
