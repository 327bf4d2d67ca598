import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AttachFlag, AttachType, Errno, openFile, ProgType, SocketFamily } from '@bpf/sys'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { programId } from '../query/hook'
import { type CgroupHookName, cgroupHooks } from '../testing/cgroup-hooks'
import { type CountingProgram, countingProgram } from '../testing/counting-program'
import { attachErrorOf } from '../testing/errors'
import { type TestCgroup, testCgroup } from '../testing/test-cgroup'
import { openDescriptors, testContext } from '../testing/test-context'
import { inet, inet6Loopback, TestSocket, unix } from '../testing/test-socket'
import { attachCgroup, type CgroupTarget, queryCgroup } from './cgroup'
import { cgroupRoot } from './cgroup-path'

const context = testContext()
const { sys, kernel } = context
const IPPROTO_IP = 0
const IP_TTL = 2
const directory = mkdtempSync(join(tmpdir(), 'bpf-attach-'))
let socketNumber = 0
const unixPath = () => unix(join(directory, `socket${socketNumber++}`))
const loopback = (port: number) => inet('127.0.0.1', port)
/** Nobody listens there. */
const closedPort = 9

afterAll(() => rmSync(directory, { recursive: true }))

function exchange(family: number, address: (port: number) => Uint8Array): void {
  using receiver = TestSocket.udp(sys, family)
  using sender = TestSocket.udp(sys, family)
  receiver.bind(address(0))
  sender.send('x', address(receiver.port()))
  receiver.receive()
}

function exchangeUnix(): void {
  using receiver = TestSocket.udp(sys, SocketFamily.Unix)
  using sender = TestSocket.udp(sys, SocketFamily.Unix)
  const address = unixPath()
  receiver.bind(address)
  sender.bind(unixPath())
  sender.send('x', address)
  receiver.receive()
}

function connect(family: number, address: (port: number) => Uint8Array): void {
  using listener = TestSocket.tcp(sys, family)
  listener.bind(address(0))
  listener.listen()
  using client = TestSocket.tcp(sys, family)
  client.connect(address(listener.port()))
  client.getPeer()
  client.getName()
}

function connectUnix(): void {
  using listener = TestSocket.tcp(sys, SocketFamily.Unix)
  const address = unixPath()
  listener.bind(address)
  listener.listen()
  using client = TestSocket.tcp(sys, SocketFamily.Unix)
  client.connect(address)
  client.getPeer()
  listener.getName()
}

const { Inet, Inet6 } = SocketFamily
const connect4 = () => connect(Inet, loopback)
const connect6 = () => connect(Inet6, inet6Loopback)
const exchange4 = () => exchange(Inet, loopback)
const exchange6 = () => exchange(Inet6, inet6Loopback)
const withSocket = (action: (socket: TestSocket) => void) => () => {
  using socket = TestSocket.udp(sys)
  action(socket)
}

/** What makes the program of each hook run in the cgroup. */
const events: Readonly<Record<CgroupHookName, () => void>> = {
  CgroupInetIngress: exchange4,
  CgroupInetEgress: exchange4,
  CgroupInetSockCreate: withSocket(() => {}),
  CgroupInetSockRelease: withSocket(() => {}),
  CgroupInet4PostBind: exchange4,
  CgroupInet6PostBind: exchange6,
  CgroupSockOps: connect4,
  CgroupDevice: () => closeSync(openSync('/dev/null', 'r')),
  CgroupSysctl: () => readFileSync('/proc/sys/kernel/ostype'),
  CgroupGetsockopt: withSocket(socket => socket.getOption(IPPROTO_IP, IP_TTL)),
  CgroupSetsockopt: withSocket(socket => socket.setOption(IPPROTO_IP, IP_TTL, 60)),
  CgroupInet4Bind: exchange4,
  CgroupInet6Bind: exchange6,
  CgroupInet4Connect: connect4,
  CgroupInet6Connect: connect6,
  CgroupUnixConnect: connectUnix,
  CgroupUdp4Sendmsg: exchange4,
  CgroupUdp6Sendmsg: exchange6,
  CgroupUnixSendmsg: exchangeUnix,
  CgroupUdp4Recvmsg: exchange4,
  CgroupUdp6Recvmsg: exchange6,
  CgroupUnixRecvmsg: exchangeUnix,
  CgroupInet4Getpeername: connect4,
  CgroupInet6Getpeername: connect6,
  CgroupUnixGetpeername: connectUnix,
  CgroupInet4Getsockname: connect4,
  CgroupInet6Getsockname: connect6,
  CgroupUnixGetsockname: connectUnix,
}

let cgroup: TestCgroup
beforeEach(() => {
  cgroup = testCgroup(context, 'hooks')
  return () => cgroup[Symbol.dispose]()
})

function load(attachType: keyof typeof AttachType, type: keyof typeof ProgType, returns = 1) {
  return countingProgram(sys, { type: ProgType[type], expectedAttachType: AttachType[attachType], returns })
}

describe.each(['bpf link', 'prog_attach'] as const)('by %s', via => {
  it.each(cgroupHooks)('%s runs for what happens in the cgroup, until it is detached', (attachType, type) => {
    const event = events[attachType]
    const before = openDescriptors()
    {
      using program = load(attachType, type)
      const link = attachCgroup(context, program, { cgroup: cgroup.path, interfaces: [via] })
      expect(link.interface).toBe(via)
      expect(link.id === undefined).toBe(via === 'prog_attach')
      expect(queryCgroup(context, cgroup.path, AttachType[attachType]).programs).toMatchObject([{ programName: 'count' }])

      event()
      expect(program.count()).toBe(0)
      cgroup.inside(event)
      const runs = program.count()
      expect(runs).toBeGreaterThan(0)

      link.close()
      link.close()
      cgroup.inside(event)
      expect(program.count()).toBe(runs)
      expect(queryCgroup(context, cgroup.path, AttachType[attachType]).programs).toEqual([])
    }
    expect(openDescriptors()).toBe(before)
  })

  it('decides: a program that says no forbids', () => {
    using no = load('CgroupInet4Connect', 'CgroupSockAddr', 0)
    using socket = cgroup.inside(() => TestSocket.udp(sys))
    using link = attachCgroup(context, no, { cgroup: cgroup.path, interfaces: [via] })
    expect(cgroup.inside(() => socket.connect(loopback(closedPort)))).toBe(Errno.EPERM)
    link.detach()
    expect(cgroup.inside(() => socket.connect(loopback(closedPort)))).toBe(0)
  })

  it('swaps the program without a gap', () => {
    using first = load('CgroupInetSockCreate', 'CgroupSock')
    using second = load('CgroupInetSockCreate', 'CgroupSock')
    using link = attachCgroup(context, first, { cgroup: cgroup.path, interfaces: [via] })
    link.update(second)
    cgroup.inside(withSocket(() => {}))
    expect([first.count(), second.count()]).toEqual([0, 1])
    expect(queryCgroup(context, cgroup.path, AttachType.CgroupInetSockCreate).programs).toHaveLength(1)
  })

  it('outlives the descriptors it was given', () => {
    using program = load('CgroupInetSockCreate', 'CgroupSock')
    const path = openFile(sys, cgroup.path)
    const link = attachCgroup(context, program, { cgroup: path.fd, interfaces: [via] })
    path.close()
    expect(link.target).toContain('cgroup_inet_sock_create of cgroup descriptor')
    program[Symbol.dispose]()
    link.close()
    expect(queryCgroup(context, cgroup.path, AttachType.CgroupInetSockCreate).programs).toEqual([])
  })
})

describe('several programs', () => {
  const type = AttachType.CgroupInetSockCreate
  const attach = (target: Partial<CgroupTarget>, returns = 1) => {
    const program = load('CgroupInetSockCreate', 'CgroupSock', returns)
    const link = attachCgroup(context, program, { cgroup: cgroup.path, ...target })
    const close = () => {
      link.close()
      program[Symbol.dispose]()
    }
    return { program, link, close }
  }
  const programIds = (path = cgroup.path, effective = false) =>
    queryCgroup(context, path, type, { effective }).programs.map(program => program.programId)
  const idOf = ({ fd }: CountingProgram) => programId(sys, fd)

  it.each(['bpf link', 'prog_attach'] as const)('are ordered, by %s', via => {
    const interfaces = [via]
    const anchor = attach({ interfaces })
    const neighbour = via === 'bpf link' ? { link: anchor.link } : { program: anchor.program }
    const last = attach({ place: 'last', interfaces })
    const first = attach({ place: 'first', interfaces })
    const before = attach({ place: { before: neighbour } })
    const after = attach({ place: { after: neighbour } })
    expect([before.link.interface, after.link.interface]).toEqual([via, via])
    const inOrder = [first, before, anchor, after, last]
    expect(programIds()).toEqual(inOrder.map(({ program }) => idOf(program)))
    for (const one of inOrder) one.close()
    expect(programIds()).toEqual([])
  })

  it('refuses when the hook changed meanwhile', () => {
    const revision = queryCgroup(context, cgroup.path, type).revision
    expect(revision).toBeGreaterThan(0n)
    const one = attach({ expectedRevision: revision ?? 0n })
    expect(() => attach({ expectedRevision: revision ?? 0n })).toThrow('the hook changed since its revision was read')
    one.close()
  })

  it('of a parent run as well, or are overridden, as the mode says', () => {
    using child = testCgroup(context, 'child', cgroup)
    for (const mode of ['multi', 'override'] as const) {
      const parent = attach({ mode })
      const below = attach({ cgroup: child.path, mode })
      expect(parent.link.interface).toBe(mode === 'multi' ? 'bpf link' : 'prog_attach')
      child.inside(withSocket(() => {}))
      expect([parent.program.count(), below.program.count()]).toEqual(mode === 'multi' ? [1, 1] : [0, 1])
      const effective = queryCgroup(context, child.path, type, { effective: true }).programs
      expect(effective).toHaveLength(mode === 'multi' ? 2 : 1)
      below.close()
      parent.close()
    }
    expect(queryCgroup(context, cgroup.path, type).flags & AttachFlag.AllowMulti).toBe(0)
  })

  it.each(['override', 'exclusive'] as const)('leave the one alone that took their place: %s', mode => {
    const first = attach({ mode })
    const second = attach({ mode })
    first.close()
    expect(programIds()).toEqual([idOf(second.program)])
    second.close()
    expect(programIds()).toEqual([])
  })

  it('are refused below one that is exclusive', () => {
    using child = testCgroup(context, 'child', cgroup)
    const parent = attach({ mode: 'exclusive' })
    expect(() => attach({ cgroup: child.path })).toThrow(/cannot be attached to cgroup_inet_sock_create of cgroup .*: EPERM/)
    parent.link.update(parent.program)
    parent.close()
  })

  it('of a parent run later when they are preordered below', () => {
    using child = testCgroup(context, 'child', cgroup)
    const parent = attach({})
    const below = attach({ cgroup: child.path, preorder: true })
    expect(programIds(child.path, true)).toEqual([below, parent].map(({ program }) => idOf(program)))
    below.close()
    parent.close()
  })
})

describe('pins', () => {
  it('keep a link attached after it is closed', async () => {
    const path = `${kernel.ensureBpffs()}/bpf-attach-test-${process.pid}`
    using program = load('CgroupInetSockCreate', 'CgroupSock')
    const link = attachCgroup(context, program, { cgroup: cgroup.path })
    link.pin(path)
    expect(() => link.pin(path)).toThrow('is pinned already')
    link.close()
    expect(queryCgroup(context, cgroup.path, AttachType.CgroupInetSockCreate).programs).toHaveLength(1)
    link.unpin()
    // The kernel lets go of what was pinned some time after its file is gone.
    await expect.poll(() => queryCgroup(context, cgroup.path, AttachType.CgroupInetSockCreate).programs).toEqual([])
  })

  it('do not keep it attached after detach', () => {
    const path = `${kernel.ensureBpffs()}/bpf-attach-test-${process.pid}`
    using program = load('CgroupInetSockCreate', 'CgroupSock')
    const link = attachCgroup(context, program, { cgroup: cgroup.path })
    link.pin(path)
    link.detach()
    expect(queryCgroup(context, cgroup.path, AttachType.CgroupInetSockCreate).programs).toEqual([])
    expect(() => openFile(sys, path)).toThrow('ENOENT')
  })

  it('are for a bpf file system', () => {
    using program = load('CgroupInetSockCreate', 'CgroupSock')
    using link = attachCgroup(context, program, { cgroup: cgroup.path })
    expect(() => link.pin('/tmp/bpf-attach-test')).toThrow(
      expect.objectContaining({
        code: 'ERR_BPF_LINK',
        hint: expect.stringMatching(/^\/tmp is on \w+, not on a bpf file system: take a path below \/sys\/fs\/bpf$/),
      }),
    )
    expect(() => link.pin('/sys/fs/bpf/no-such-directory/link')).toThrow(
      expect.objectContaining({ hint: 'there is no directory /sys/fs/bpf/no-such-directory: make it first' }),
    )
  })

  it('are not for PROG_ATTACH', () => {
    using program = load('CgroupInetSockCreate', 'CgroupSock')
    using link = attachCgroup(context, program, { cgroup: cgroup.path, interfaces: ['prog_attach'] })
    expect(() => link.pin('/sys/fs/bpf/x')).toThrow('cannot be pinned: it is made by prog_attach')
  })
})

describe('says what is wrong', () => {
  const attach = (target: CgroupTarget) => {
    using program = load('CgroupInetSockCreate', 'CgroupSock')
    return attachCgroup(context, program, target)
  }
  it('with a cgroup that is not there', () => {
    const error = attachErrorOf(() => attach({ cgroup: `${cgroup.path}x` }))
    expect(error.message).toContain('there is no such cgroup')
    expect(error.hint).toBe(`did you mean ${cgroup.path}?`)
  })

  it('with a directory that is none', () => {
    const error = attachErrorOf(() => attach({ cgroup: '/tmp' }))
    expect(error.message).toContain('it is no directory of a cgroup2 file system')
    expect(error.hint).toContain(cgroupRoot(kernel))
  })

  it('with an attach type that the program is not for', () => {
    const error = attachErrorOf(() => attach({ cgroup: cgroup.path, attachType: AttachType.CgroupInet4Bind }))
    expect(error.message).toMatch(/cgroup_inet4_bind of cgroup .*: EINVAL/)
    expect(error.hint).toContain('loaded for another attach type')
  })

  it('with a mode that links do not have', () => {
    const error = attachErrorOf(() => attach({ cgroup: cgroup.path, mode: 'override', interfaces: ['bpf link'] }))
    expect(error.message).toContain('links are always multi, never override')
  })

  it('with a path relative to the mount', () => {
    using link = attach({ cgroup: cgroup.path.slice(`${cgroupRoot(kernel)}/`.length) })
    expect(link.id).toBeGreaterThan(0)
  })
})
