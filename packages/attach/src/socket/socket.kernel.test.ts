import { ProgType, SocketFamily, SocketType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { countingProgram } from '../testing/counting-program'
import { attachErrorOf } from '../testing/errors'
import { openDescriptors, testContext } from '../testing/test-context'
import { inet, TestSocket } from '../testing/test-socket'
import { attachReuseport, attachSocketFilter } from './socket'

const context = testContext()
const { sys } = context
const loopback = (port: number) => inet('127.0.0.1', port)
const wholePacket = 0xffff
const load = (returns: number, type: keyof typeof ProgType = 'SocketFilter') => countingProgram(sys, { type: ProgType[type], returns })

function receiver(): TestSocket {
  const socket = TestSocket.udp(sys)
  socket.reusePort()
  socket.bind(loopback(0))
  return socket
}

function arrives(socket: TestSocket): boolean {
  using sender = TestSocket.udp(sys)
  sender.send('hello', loopback(socket.port()))
  return socket.receive(50) === 'hello'
}

describe('a socket filter', () => {
  it('drops what the socket would receive, until it is detached', () => {
    const before = openDescriptors()
    {
      using program = load(0)
      using socket = receiver()
      const link = attachSocketFilter(context, program, { socket: socket.fd })
      expect(link).toMatchObject({ kind: 'socket_filter', interface: 'setsockopt', id: undefined })
      expect(arrives(socket)).toBe(false)
      expect(program.count()).toBe(1)
      link.close()
      link.close()
      expect(arrives(socket)).toBe(true)
      expect(program.count()).toBe(1)
    }
    expect(openDescriptors()).toBe(before)
  })

  it('swaps the program', () => {
    using drop = load(0)
    using keep = load(wholePacket)
    using socket = receiver()
    using link = attachSocketFilter(context, drop, { socket: socket.fd })
    link.update(keep)
    expect(arrives(socket)).toBe(true)
    expect([drop.count(), keep.count()]).toEqual([0, 1])
  })

  it('leaves alone what has its number after it was closed', () => {
    using program = load(0)
    const first = receiver()
    const link = attachSocketFilter(context, program, { socket: first.fd })
    const number = first.fd
    first.close()
    using second = receiver()
    expect(second.fd).toBe(number)
    using _other = attachSocketFilter(context, program, { socket: second.fd })
    link.close()
    expect(arrives(second)).toBe(false)
  })

  it('stays when it is locked', () => {
    using program = load(0)
    using socket = receiver()
    const link = attachSocketFilter(context, program, { socket: socket.fd, lock: true })
    link.close()
    expect(arrives(socket)).toBe(false)
    expect(attachErrorOf(() => attachSocketFilter(context, program, { socket: socket.fd })).message).toContain(
      'the filter of the socket is locked',
    )
  })

  it('is for sockets', () => {
    using program = load(0)
    expect(attachErrorOf(() => attachSocketFilter(context, program, { socket: program.fd })).message).toContain(
      'the descriptor is no socket',
    )
    expect(attachErrorOf(() => attachSocketFilter(context, program, { socket: 9999 })).message).toContain('the descriptor is not open')
  })
})

describe.each(['SkReuseport', 'SocketFilter'] as const)('a group of sockets by %s', type => {
  it('asks the program who gets a packet, until it is detached', () => {
    using program = load(0, type)
    using socket = receiver()
    const link = attachReuseport(context, program, { socket: socket.fd })
    expect(link).toMatchObject({ kind: 'sk_reuseport', interface: 'setsockopt' })
    // A sk_reuseport program that says 0 drops, a socket program that says 0 chooses the first socket.
    expect(arrives(socket)).toBe(type === 'SocketFilter')
    expect(program.count()).toBe(1)
    link.close()
    expect(arrives(socket)).toBe(true)
    expect(program.count()).toBe(1)
  })
})

describe('a group of sockets', () => {
  it('must be one', () => {
    using program = load(0, 'SkReuseport')
    using socket = new TestSocket(sys, SocketFamily.Inet, SocketType.Dgram)
    expect(attachErrorOf(() => attachReuseport(context, program, { socket: socket.fd })).hint).toContain('SO_REUSEPORT')
  })
})
