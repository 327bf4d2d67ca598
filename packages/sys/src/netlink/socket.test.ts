import { describe, expect, it } from 'vitest'
import { Errno } from '../errno'
import { createSys } from '../sys'
import { FakeNative } from '../testing/fake-native'
import { encodeAttributes } from './attributes'
import { encodeMessage, MessageFlag, MessageType } from './message'
import { NetlinkError, NetlinkProtocol, NetlinkSocket } from './socket'

const portId = 4242

/** A kernel that answers each request with a list of datagrams, made from the request's sequence number. */
function conversation(...answers: ((seq: number) => Uint8Array[])[]) {
  const queue: Uint8Array[] = []
  const native = new FakeNative(({ name, args }) => {
    const memory = args[1] as Uint8Array | Uint32Array
    if (name === 'socket') return 5
    if (name === 'getsockname') (memory as Uint32Array)[1] = portId
    if (name === 'sendto') queue.push(...(answers.shift()?.(new DataView(memory.buffer).getUint32(8, true)) ?? []))
    if (name !== 'recvfrom') return 0
    const next = queue[0]
    if (next === undefined) return { errno: Errno.EAGAIN }
    if (args[2] !== 0) (memory as Uint8Array).set(queue.shift() ?? next)
    return next.byteLength
  })
  return new NetlinkSocket(createSys({ native }), NetlinkProtocol.Route)
}

/** A message of the kernel to us. */
function message(type: number, seq: number, payload: Uint8Array, flags = 0, pid = portId): Uint8Array {
  const bytes = encodeMessage({ type, flags, seq, payload })
  new DataView(bytes.buffer).setUint32(12, pid, true)
  return bytes
}
const done = (seq: number, flags = 0) => message(MessageType.Done, seq, new Uint8Array(4), flags)
const concat = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap(part => [...part]))
const dump = { type: 18, flags: MessageFlag.Dump, payload: new Uint8Array(16), what: 'RTM_GETLINK' }

describe('NetlinkSocket', () => {
  it('gathers an answer of many parts and several datagrams', () => {
    using socket = conversation(seq => [
      concat(message(16, seq, Uint8Array.of(1, 0, 0, 0)), message(16, seq, Uint8Array.of(2, 0, 0, 0))),
      message(16, seq, Uint8Array.of(3, 0, 0, 0)),
      done(seq),
    ])
    expect(socket.request(dump).map(({ payload }) => payload[0])).toEqual([1, 2, 3])
  })

  it('ignores what belongs to others or to earlier requests', () => {
    using socket = conversation(seq => [message(16, seq - 1, new Uint8Array(4)), message(16, seq, new Uint8Array(4), 0, 1), done(seq)])
    expect(socket.request(dump)).toEqual([])
  })

  it('asks again when the table changed during the dump', () => {
    using socket = conversation(
      seq => [message(16, seq, Uint8Array.of(1, 0, 0, 0), MessageFlag.DumpInterrupted), done(seq)],
      seq => [message(16, seq, Uint8Array.of(1, 0, 0, 0)), done(seq, MessageFlag.DumpInterrupted)],
      seq => [message(16, seq, Uint8Array.of(2, 0, 0, 0)), done(seq)],
    )
    expect(socket.request(dump).map(({ payload }) => payload[0])).toEqual([2])
  })

  it('gives up on a table that never rests', () => {
    using socket = conversation(...Array.from({ length: 8 }, () => (seq: number) => [done(seq, MessageFlag.DumpInterrupted)]))
    expect(() => socket.request(dump)).toThrow(/EINTR/)
  })

  it("throws the kernel's own words", () => {
    const words = encodeAttributes([[1, 'Exclusivity flag on, cannot modify']])
    using socket = conversation(seq => {
      const refusal = concat(new Uint8Array(Int32Array.of(-Errno.EEXIST).buffer), new Uint8Array(Uint32Array.of(16, 0, 0, 0).buffer), words)
      return [message(MessageType.Error, seq, refusal, 0x300)]
    })
    try {
      socket.request({ type: 36, payload: new Uint8Array(20), what: 'RTM_NEWQDISC clsact' })
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(NetlinkError)
      expect(error).toMatchObject({
        errno: Errno.EEXIST,
        operation: 'RTM_NEWQDISC clsact',
        text: 'Exclusivity flag on, cannot modify',
        hint: 'the kernel says: Exclusivity flag on, cannot modify',
      })
    }
  })

  it('does not wait for ever', () => {
    using socket = conversation(() => [])
    expect(() => socket.request(dump)).toThrow(/RTM_GETLINK failed with EAGAIN/)
  })
})
