import { failOnLeaks } from '@bpf/fixtures/leaks'
import { describe, expect, it } from 'vitest'
import { ids } from './bpf/ids'
import { ProgType } from './constants/program-type'
import {
  attachReuseport,
  attachSocketFilter,
  detachReuseport,
  detachSocketFilter,
  interfaceIndex,
  openSocket,
  SocketFamily,
  SocketType,
  setSocketOption,
} from './socket'
import { createSys } from './sys'
import { minimalProgram } from './testing/programs'

const leaks = failOnLeaks(kind => ids(createSys(), kind))
const sys = createSys({ trace: leaks.trace })
const SOL_SOCKET = 1
const SO_REUSEPORT = 15

describe('sockets', () => {
  it('take a filter and give it back', () => {
    using socket = openSocket(sys, SocketFamily.Inet, SocketType.Dgram)
    using program = minimalProgram(sys, ProgType.SocketFilter)
    attachSocketFilter(sys, socket.fd, program.fd)
    detachSocketFilter(sys, socket.fd)
    expect(() => detachSocketFilter(sys, socket.fd)).toThrow(/setsockopt failed with ENOENT/)
  })

  it('take a program that chooses among a group', () => {
    using socket = openSocket(sys, SocketFamily.Inet, SocketType.Dgram)
    setSocketOption(sys, socket.fd, SOL_SOCKET, SO_REUSEPORT, 1)
    using program = minimalProgram(sys, ProgType.SocketFilter)
    attachReuseport(sys, socket.fd, program.fd)
    detachReuseport(sys, socket.fd)
  })
})

describe('interfaces', () => {
  it('have an index; others are named in the error', () => {
    expect(interfaceIndex(sys, 'lo')).toBe(1)
    expect(() => interfaceIndex(sys, 'no-such-if')).toThrow(/SIOCGIFINDEX no-such-if failed with ENODEV/)
    expect(() => interfaceIndex(sys, 'a name far too long')).toThrow('is no interface name')
  })
})
