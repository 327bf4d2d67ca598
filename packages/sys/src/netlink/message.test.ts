import { BpfError } from '@bpf/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attributeMap, attributeNumber, encodeAttributes, type NetlinkAttribute, NetlinkFormatError, parseAttributes } from './attributes'
import { encodeMessage, MessageFlag, MessageType, parseAcknowledgement, parseMessages } from './message'

const u32 = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer)

describe('attributes', () => {
  it('are length, type, value, padding', () => {
    expect([...encodeAttributes([[1, 'bpf']])]).toEqual([8, 0, 1, 0, 0x62, 0x70, 0x66, 0])
    expect([...encodeAttributes([[3, Uint8Array.of(9)]])]).toEqual([5, 0, 3, 0, 9, 0, 0, 0])
    expect([...encodeAttributes([[2, [[7, 0x01020304]]]])]).toEqual([12, 0, 2, 0x80, 8, 0, 7, 0, 4, 3, 2, 1])
  })

  it('come back as they went', () => {
    const attribute = fc.tuple(fc.nat(0x3fff), fc.uint8Array({ maxLength: 40 }))
    fc.assert(
      fc.property(fc.array(attribute), attributes => {
        const parsed = parseAttributes(encodeAttributes(attributes as NetlinkAttribute[]))
        expect(parsed.map(({ type, value }) => [type, value.slice()])).toEqual(attributes)
      }),
    )
  })

  it.each([
    ['shorter than its own header', [3, 0, 1, 0]],
    ['longer than the message', [12, 0, 1, 0, 1, 2, 3, 4]],
  ])('are refused when one is %s', (_, bytes) => {
    expect(() => parseAttributes(Uint8Array.from(bytes))).toThrow(NetlinkFormatError)
  })

  it('hold integers of three sizes', () => {
    expect([[5], [5, 1], [5, 1, 0, 0]].map(bytes => attributeNumber(Uint8Array.from(bytes)))).toEqual([5, 261, 261])
    expect(attributeNumber(new Uint8Array(8))).toBeUndefined()
    expect(attributeNumber(undefined)).toBeUndefined()
  })
})

describe('messages', () => {
  it('begin with nlmsghdr', () => {
    const bytes = encodeMessage({ type: 18, flags: MessageFlag.Request, seq: 7, payload: Uint8Array.of(1, 2) })
    expect([...bytes]).toEqual([18, 0, 0, 0, 18, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0])
    expect(parseMessages(bytes)).toEqual([{ type: 18, flags: 1, seq: 7, pid: 0, payload: Uint8Array.of(1, 2) }])
  })

  it('never crash on what a datagram may hold', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 96 }), bytes => {
        try {
          for (const message of parseMessages(bytes)) {
            parseAcknowledgement(message)
            attributeMap(message.payload)
          }
        } catch (error) {
          expect(error).toBeInstanceOf(BpfError)
        }
      }),
    )
  })
})

describe('acknowledgements', () => {
  const request = encodeMessage({ type: 36, flags: 0, seq: 7, payload: new Uint8Array(20) })
  const text = encodeAttributes([[1, 'Specified qdisc kind is unknown']])
  const ack = (flags: number, ...parts: Uint8Array[]) => ({
    type: MessageType.Error,
    flags,
    seq: 7,
    pid: 1,
    payload: Uint8Array.from(parts.flatMap(part => [...part])),
  })

  it("carry the error and, after the request, the kernel's words", () => {
    expect(parseAcknowledgement(ack(0x200, u32(-2), request, text))).toEqual({ errno: 2, text: 'Specified qdisc kind is unknown' })
    expect(parseAcknowledgement(ack(0x300, u32(-2), request.subarray(0, 16), text))).toEqual({
      errno: 2,
      text: 'Specified qdisc kind is unknown',
    })
    expect(parseAcknowledgement(ack(0, u32(-17), request))).toEqual({ errno: 17, text: undefined })
    expect(parseAcknowledgement(ack(0x100, u32(0), request.subarray(0, 16)))).toEqual({ errno: 0, text: undefined })
  })
})
