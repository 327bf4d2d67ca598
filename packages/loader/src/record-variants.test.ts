import { BtfBuilder, parseBtf, type TypeId } from '@bpf/btf'
import type { ObjectSpec } from '@bpf/object'
import { littleEndian } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { recordDecoder } from './codecs'

type Size = 1 | 2 | 4 | 8

/** `union { struct { enum tag tag; u8 a; } …; struct { enum tag tag; u8 b; } …; }` as what a map named `events` carries. */
function specOf(size: Size, signed: boolean, values: readonly [bigint, bigint]): ObjectSpec {
  const btf = new BtfBuilder({ littleEndian })
  const u8 = btf.add({ kind: 'int', name: 'u8', size: 1, encoding: {} })
  const tag = btf.add({ kind: 'enum', name: 'tag', size, signed, values: values.map((value, i) => ({ name: `TAG_${i}`, value })) })
  const struct = (name: string) => {
    const members = [
      { name: 'tag', type: tag, bitOffset: 0, bitSize: 0 },
      { name, type: u8, bitOffset: size * 8, bitSize: 0 },
    ]
    return btf.add({ kind: 'struct', name: '', size: size + 1, members })
  }
  const members = ['a', 'b'].map(name => ({ name, type: struct(name), bitOffset: 0, bitSize: 0 }))
  const recordTypeId: TypeId = btf.add({ kind: 'union', name: '', size: size + 1, members })
  const events = { name: 'events', recordTypeId, valueTypeId: 0 }
  return { btf: parseBtf(btf.toBytes()), maps: [events] } as unknown as ObjectSpec
}

function record(size: Size, tag: bigint, last: number): DataView {
  const whole = new Uint8Array(8)
  new DataView(whole.buffer).setBigInt64(0, tag, littleEndian)
  return new DataView(Uint8Array.of(...(littleEndian ? whole.slice(0, size) : whole.slice(-size)), last).buffer)
}

/** Enumerators have 32 bits, whatever the enum is stored in. */
const forms = ([1, 2, 4, 8] as const).flatMap(size => {
  const half = 2n ** BigInt(Math.min(size, 4) * 8 - 1)
  return [
    { size, signed: false, values: [0n, 2n * half - 1n] as const },
    { size, signed: true, values: [-half, -1n] as const },
  ]
})

describe('records of several types', () => {
  it.each(forms)('are told apart by a tag of $size bytes, signed: $signed', ({ size, signed, values }) => {
    const decode = recordDecoder(specOf(size, signed, values), 'events')
    expect(decode(record(size, values[0], 1), 0, size + 1)).toEqual({ tag: 'TAG_0', a: 1 })
    expect(decode(record(size, values[1], 2), 0, size + 1)).toEqual({ tag: 'TAG_1', b: 2 })
  })

  it('are bytes where the tag is none of them, or missing', () => {
    const decode = recordDecoder(specOf(4, false, [1n, 2n]), 'events')
    expect(decode(record(4, 3n, 9), 0, 5)).toBeInstanceOf(Uint8Array)
    expect(decode(record(4, 1n, 9), 0, 3)).toHaveLength(3)
  })
})
