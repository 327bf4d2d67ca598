import { describe, expect, it } from 'vitest'
import { Capability } from './capabilities'
import { AttachType } from './constants/attach-type'
import { MapType } from './constants/map-type'
import { ProgType } from './constants/program-type'
import { Errno } from './errno'
import { permissionHint } from './permission-hint'
import type { Attributes } from './trace'

const all = Object.keys(Capability) as (keyof typeof Capability)[]

/** A process with some capabilities, on a system whose files say what a test wants. */
function system(capabilities: readonly (keyof typeof Capability)[], files: Record<string, string> = {}) {
  const effective = capabilities.reduce((set, name) => set | (1n << BigInt(Capability[name])), 0n)
  const known: Record<string, string> = {
    '/proc/self/status': `Name:\tnode\nCapEff:\t${effective.toString(16).padStart(16, '0')}\nSeccomp:\t0\n`,
    '/proc/self/uid_map': '         0          0 4294967295\n',
    '/proc/sys/kernel/osrelease': '6.1.0\n',
    ...files,
  }
  return (path: string) => known[path]
}

describe('permissionHint', () => {
  it('tells of distributions that leave perf events to CAP_SYS_ADMIN', () => {
    const hint = (paranoid: string, rights: typeof all = all.filter(name => name !== 'CAP_SYS_ADMIN')) =>
      permissionHint('perf_event_open', Errno.EACCES, {}, system(rights, { '/proc/sys/kernel/perf_event_paranoid': `${paranoid}\n` }))
    expect(hint('3')).toMatch(/kernel\.perf_event_paranoid is 3, so that CAP_PERFMON is not enough/)
    expect(hint('2')).toBeUndefined()
    expect(hint('3', all)).toBeUndefined()
  })

  it('knows that uprobes take more than CAP_PERFMON', () => {
    const attributes = { config1: '/usr/lib/libc.so.6' }
    expect(permissionHint('perf_event_open', Errno.EACCES, attributes, system(['CAP_BPF', 'CAP_PERFMON']))).toMatch(/CAP_SYS_ADMIN/)
  })

  it('names the capability that is missing', () => {
    const hint = permissionHint('BPF_PROG_LOAD', Errno.EPERM, { progType: ProgType.Kprobe }, system([]))
    expect(hint).toBe('this process lacks CAP_BPF and CAP_PERFMON: run it as root, or grant them')
    expect(permissionHint('BPF_PROG_LOAD', Errno.EPERM, { progType: ProgType.Xdp }, system(['CAP_BPF']))).toMatch(/lacks CAP_NET_ADMIN:/)
    expect(permissionHint('BPF_LINK_CREATE', Errno.EPERM, { attachType: AttachType.TcxIngress }, system([]))).toMatch(/CAP_NET_ADMIN/)
    expect(permissionHint('BPF_MAP_GET_NEXT_ID', Errno.EPERM, {}, system(['CAP_BPF']))).toMatch(/CAP_SYS_ADMIN/)
    expect(permissionHint('perf_event_open', Errno.EACCES, {}, system([]))).toMatch(/CAP_PERFMON/)
  })

  it('knows that maps of sockets and devices take CAP_NET_ADMIN', () => {
    const hint = (mapType: number) => permissionHint('BPF_MAP_CREATE', Errno.EPERM, { mapType }, system(['CAP_BPF']))
    expect(hint(MapType.Sockhash)).toMatch(/lacks CAP_NET_ADMIN:/)
    expect(hint(MapType.Hash)).toBeUndefined()
  })

  it('knows that CAP_SYS_ADMIN is enough', () => {
    expect(permissionHint('BPF_PROG_LOAD', Errno.EPERM, { progType: ProgType.Xdp }, system(['CAP_SYS_ADMIN']))).toBeUndefined()
  })

  it.each([
    ['a user namespace', { '/proc/self/uid_map': '0 1000 1\n' }, /user namespace/],
    ['lockdown', { '/sys/kernel/security/lockdown': 'none integrity [confidentiality]\n' }, /locked down/],
    [
      'memory limits',
      { '/proc/sys/kernel/osrelease': '5.4.0-9\n', '/proc/self/limits': 'Max locked memory  65536  65536  bytes\n' },
      /RLIMIT_MEMLOCK/,
    ],
  ])('blames %s when all capabilities are there', (_, files, hint) => {
    expect(permissionHint('BPF_MAP_CREATE', Errno.EPERM, {}, system(all, files))).toMatch(hint)
  })

  it('knows what a token would have to delegate', () => {
    const inNamespace = system(all, { '/proc/self/uid_map': '0 1000 1\n' })
    const hint = (operation: string, attributes: Attributes) => permissionHint(operation, Errno.EPERM, attributes, inNamespace)
    expect(hint('BPF_BTF_LOAD', { btfTokenFd: 9 })).toMatch(/must be mounted with delegate_cmds=btf_load$/)
    expect(hint('BPF_MAP_CREATE', { mapTokenFd: 9, mapType: MapType.PercpuHash })).toMatch(/=map_create and delegate_maps=percpu_hash$/)
    expect(hint('BPF_PROG_LOAD', { progTokenFd: 9, progType: ProgType.Xdp, expectedAttachType: AttachType.Xdp })).toMatch(
      /=prog_load, delegate_progs=xdp and delegate_attachs=xdp$/,
    )
    expect(hint('BPF_PROG_LOAD', { progTokenFd: 0, progType: ProgType.Xdp })).toMatch(/or a BPF token$/)
  })

  it('blames a seccomp filter', () => {
    const status = `CapEff:\tffffffffffffffff\nSeccomp:\t2\n`
    expect(permissionHint('BPF_MAP_CREATE', Errno.EPERM, {}, system(all, { '/proc/self/status': status }))).toMatch(/seccomp/)
  })

  it('says nothing about other failures, or when it knows nothing', () => {
    expect(permissionHint('BPF_MAP_CREATE', Errno.EINVAL, {}, system([]))).toBeUndefined()
    expect(permissionHint('BPF_PROG_LOAD', Errno.EACCES, { progType: ProgType.Xdp }, system(all))).toBeUndefined()
    expect(permissionHint('BPF_MAP_CREATE', Errno.EPERM, {}, () => undefined)).toBeUndefined()
  })
})
