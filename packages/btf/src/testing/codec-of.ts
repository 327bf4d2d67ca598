import { BtfBuilder } from '../builder'
import { type Codec, type CodecOptions, createCodec } from '../codec/codec'
import { parseBtf } from '../parse'
import { type CType, cEnum, cInt } from './value-types'

export const u8 = cInt('unsigned char', 1)
export const s8 = cInt('signed char', 1, { signed: true })
export const u16 = cInt('unsigned short', 2)
export const u32 = cInt('unsigned int', 4)
export const s32 = cInt('int', 4, { signed: true })
export const u64 = cInt('unsigned long', 8)
export const s64 = cInt('long', 8, { signed: true })
export const char = cInt('char', 1, { signed: true })
export const bool = cInt('_Bool', 1, { bool: true })
export const color = cEnum(4, false, { RED: 0n, GREEN: 1n, BLUE: 0xffffffffn })

export interface TestOptions extends CodecOptions {
  readonly littleEndian?: boolean
}

export function codecOf(type: CType, { littleEndian = true, ...options }: TestOptions = {}): Codec<unknown> {
  const builder = new BtfBuilder({ littleEndian })
  const id = type.add(builder)
  return createCodec(parseBtf(builder.toBytes()), id, options)
}

export const view = (...bytes: number[]): DataView => new DataView(Uint8Array.from(bytes).buffer)
export const text = (value: string, length: number): number[] => {
  const bytes = [...new TextEncoder().encode(value)]
  return [...bytes, ...Array(length - bytes.length).fill(0)]
}

export function encoded(codec: Codec<unknown>, value: unknown): number[] {
  const bytes = new Uint8Array(codec.sizeOf(value))
  codec.encode(value, new DataView(bytes.buffer))
  return [...bytes]
}
