import { AttachType, Errno, MapType, mapCreate, mapOps, type OwnedFd, ProgType } from '@bpf/sys'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CountingProgram, countingProgram } from '../testing/counting-program'
import { attachErrorOf } from '../testing/errors'
import { openDescriptors, testContext } from '../testing/test-context'
import { inet, TestSocket } from '../testing/test-socket'
import { attachSockmap, querySockmap } from './sockmap'

const context = testContext()
const { sys } = context
const verdict = { drop: 0, pass: 1 } as const
const message = 'hello'

type Hook = 'SkSkbStreamParser' | 'SkSkbStreamVerdict' | 'SkSkbVerdict' | 'SkMsgVerdict'
const load = (hook: Hook, returns: number) =>
  countingProgram(sys, { type: hook === 'SkMsgVerdict' ? ProgType.SkMsg : ProgType.SkSkb, expectedAttachType: AttachType[hook], returns })

/** A connection over loopback, whose ends can be put into a sockmap. */
function connection(map: OwnedFd) {
  const listener = TestSocket.tcp(sys)
  listener.bind(inet('127.0.0.1', 0))
  listener.listen()
  const client = TestSocket.tcp(sys)
  client.connect(inet('127.0.0.1', listener.port()))
  const server = listener.accept() ?? expect.unreachable()
  listener.close()
  return {
    client,
    server,
    /** Sockets come under the programs that are attached at that time. */
    put(socket: TestSocket) {
      const ops = mapOps(sys, map.fd, { keySize: 4, valueSize: 4 })
      new DataView(ops.value.buffer, ops.value.byteOffset).setInt32(0, socket.fd, true)
      expect(ops.update()).toBe(0)
    },
    close() {
      for (const one of [client, server]) one.close()
    },
  }
}

let map: OwnedFd
let pair: ReturnType<typeof connection>
let later: ReturnType<typeof connection>
beforeEach(() => {
  map = mapCreate(sys, { type: MapType.Sockmap, keySize: 4, valueSize: 4, maxEntries: 2, name: 'sockets' })
  pair = connection(map)
  later = connection(map)
})
afterEach(() => {
  for (const one of [pair, later, map]) one.close()
})
const programs = (attachType: number) => querySockmap(context, map, attachType).programs.map(({ programName }) => programName)

describe.each(['bpf link', 'prog_attach'] as const)('the sockets of a map by %s', via => {
  const attach = (program: CountingProgram) => attachSockmap(context, program, { map: { fd: map.fd, name: 'sockets' }, interfaces: [via] })

  it.each(['SkSkbStreamVerdict', 'SkSkbVerdict'] as const)('%s judges what they receive', hook => {
    const before = openDescriptors()
    {
      using drop = load(hook, verdict.drop)
      const link = attach(drop)
      expect(link).toMatchObject({ kind: 'sockmap', interface: via })
      expect(link.target).toMatch(/^sk_skb_(stream_)?verdict of map "sockets"$/)
      expect(programs(AttachType[hook])).toEqual(['count'])
      pair.put(pair.server)
      pair.client.send(message)
      expect(pair.server.receive(50)).toBeUndefined()
      expect(drop.count()).toBe(1)
      link.close()
      link.close()
      expect(programs(AttachType[hook])).toEqual([])
      later.put(later.server)
      later.client.send(message)
      expect(later.server.receive()).toBe(message)
      expect(drop.count()).toBe(1)
    }
    expect(openDescriptors()).toBe(before)
  })

  it('a parser says where messages end', () => {
    using parser = load('SkSkbStreamParser', message.length)
    using pass = load('SkSkbStreamVerdict', verdict.pass)
    using _parser = attach(parser)
    using _pass = attach(pass)
    pair.put(pair.server)
    pair.client.send(message + message)
    expect(pair.server.receive()).toBe(message + message)
    expect([parser.count(), pass.count()]).toEqual([2, 2])
  })

  it('a message program judges what they send', () => {
    using drop = load('SkMsgVerdict', verdict.drop)
    using pass = load('SkMsgVerdict', verdict.pass)
    using link = attach(drop)
    pair.put(pair.client)
    expect(pair.client.send(message)).toBe(Errno.EACCES)
    link.update(pass)
    expect(programs(AttachType.SkMsgVerdict)).toHaveLength(1)
    later.put(later.client)
    expect(later.client.send(message)).toBe(0)
    expect(later.server.receive()).toBe(message)
    expect([drop.count(), pass.count()]).toEqual([1, 1])
  })

  it('outlives the descriptors it was given', () => {
    const program = load('SkMsgVerdict', verdict.drop)
    const link = attach(program)
    program[Symbol.dispose]()
    expect(programs(AttachType.SkMsgVerdict)).toEqual(['count'])
    link.close()
    expect(programs(AttachType.SkMsgVerdict)).toEqual([])
  })
})

describe('the sockets of a map', () => {
  it('take one kind of verdict', () => {
    using stream = load('SkSkbStreamVerdict', verdict.pass)
    using other = load('SkSkbVerdict', verdict.pass)
    using _stream = attachSockmap(context, stream, { map })
    expect(attachErrorOf(() => attachSockmap(context, other, { map })).hint).toContain('only one')
  })

  it('are not those of another map', () => {
    using program = load('SkMsgVerdict', verdict.pass)
    using array = mapCreate(sys, { type: MapType.Array, keySize: 4, valueSize: 4, maxEntries: 1 })
    expect(attachErrorOf(() => attachSockmap(context, program, { map: array })).message).toContain('the map is no sockmap or sockhash')
  })
})
