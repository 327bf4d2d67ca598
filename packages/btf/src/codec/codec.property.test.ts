import fc from 'fast-check'
import { expect, it } from 'vitest'
import { BtfBuilder } from '../builder'
import { parseBtf } from '../parse'
import { anyValueType, type CType } from '../testing/value-types'
import type { Btf, TypeId } from '../types'
import { type CodecOptions, createCodec } from './codec'
import { equals } from './equals'

function build(type: CType, littleEndian: boolean): { btf: Btf; id: TypeId } {
  const builder = new BtfBuilder({ littleEndian })
  const id = type.add(builder)
  return { btf: parseBtf(builder.toBytes()), id }
}

const options = fc.record<CodecOptions>({ int64: fc.constantFrom('bigint', 'number'), chars: fc.constantFrom('text', 'bytes') })
/** A value's bytes, with more of the bytes that decoders treat specially. */
const bytesOf = (size: number): fc.Arbitrary<Uint8Array> => {
  const byte = fc.oneof(fc.constantFrom(0, 1, 0x41, 0x7f, 0x80, 0xff), fc.nat({ max: 255 }))
  return fc.array(byte, { minLength: size, maxLength: size }).map(list => Uint8Array.from(list))
}
const sample = fc
  .record({ type: anyValueType, littleEndian: fc.boolean(), options, extra: fc.nat({ max: 9 }) })
  .chain(given => bytesOf(given.type.size + given.extra).map(bytes => ({ ...given, bytes })))

it('decodes the same whether compiled or interpreted', () => {
  fc.assert(
    fc.property(sample, ({ type, littleEndian, options, extra, bytes }) => {
      const { btf, id } = build(type, littleEndian)
      const view = new DataView(bytes.buffer)
      const compiled = createCodec(btf, id, { ...options, mode: 'compiled' })
      const interpreted = createCodec(btf, id, { ...options, mode: 'interpreted' })
      expect(compiled.size).toBe(type.size)
      expect(equals(compiled.decode(view), interpreted.decode(view))).toBe(true)
      const whole = type.size + extra
      expect(equals(compiled.decode(view, 0, whole), interpreted.decode(view, 0, whole))).toBe(true)
    }),
    { numRuns: 500 },
  )
})

it('encodes what it decoded so that it decodes the same', () => {
  fc.assert(
    fc.property(sample, ({ type, littleEndian, bytes }) => {
      const { btf, id } = build(type, littleEndian)
      const codec = createCodec(btf, id, { mode: 'interpreted' })
      const value = codec.decode(new DataView(bytes.buffer), 0, bytes.length)
      const written = new DataView(new ArrayBuffer(codec.sizeOf(value) + 3))
      expect(codec.encode(value, written, 3)).toBe(written.byteLength - 3)
      expect(equals(codec.decode(written, 3, written.byteLength - 3), value)).toBe(true)
    }),
    { numRuns: 500 },
  )
})
