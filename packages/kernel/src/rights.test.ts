import { describe, expect, it } from 'vitest'
import { findHolders, holdersOf } from './objects/holders'
import { readRights } from './rights'
import { readSettings } from './settings'
import { fakeFiles } from './testing/fake-files'

const root = { '/proc/self/status': 'CapEff:\t000001ffffffffff\nSeccomp:\t0\n', '/proc/self/uid_map': '0 0 4294967295\n' }

describe('readRights', () => {
  it('finds nothing in the way of root', () => {
    expect(readRights(fakeFiles(root))).toMatchObject({ missing: [], obstacles: [], userNamespace: false })
  })

  it('names what a user lacks', () => {
    const user = { ...root, '/proc/self/status': 'CapEff:\t0000000000000000\nSeccomp:\t0\n' }
    expect(readRights(fakeFiles(user))).toMatchObject({
      capabilities: [],
      missing: ['CAP_BPF', 'CAP_PERFMON', 'CAP_NET_ADMIN', 'CAP_SYS_ADMIN'],
      obstacles: ['this process lacks CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN, CAP_SYS_ADMIN: run it as root'],
    })
  })

  it('sees containers and lockdown', () => {
    const container = {
      '/proc/self/status': 'CapEff:\t000001ffffffffff\nSeccomp:\t2\n',
      '/proc/self/uid_map': '0 100000 65536\n',
      '/sys/kernel/security/lockdown': 'none integrity [confidentiality]\n',
    }
    expect(readRights(fakeFiles(container)).obstacles.length).toBe(3)
  })
})

describe('readSettings', () => {
  it('reads sysctls, and leaves out what is not there', () => {
    const files = fakeFiles({
      '/proc/sys/kernel/unprivileged_bpf_disabled': '2\n',
      '/proc/sys/kernel/perf_event_paranoid': '-1\n',
      '/sys/kernel/security/lockdown': '[none] integrity\n',
      '/sys/kernel/security/lsm': 'capability,bpf\n',
    })
    expect(readSettings(files)).toMatchObject({
      unprivilegedBpfDisabled: 2,
      perfEventParanoid: -1,
      jitEnable: undefined,
      lockdown: 'none',
      securityModules: ['capability', 'bpf'],
    })
  })
})

describe('findHolders', () => {
  it('reads fdinfo of every process, an object once a process', () => {
    const holders = findHolders(
      fakeFiles({
        '/proc/7/comm': 'agent\n',
        '/proc/7/fdinfo/3': 'pos:\t0\nflags:\t02\nmap_type:\t1\nmap_id:\t12\n',
        '/proc/7/fdinfo/4': 'map_id:\t12\n',
        '/proc/7/fdinfo/5': 'link_type:\txdp\nlink_id:\t4\nprog_tag:\tabc\nprog_id:\t9\n',
        '/proc/8/comm': 'other\n',
        '/proc/8/fdinfo/3': 'prog_type:\t6\nprog_id:\t9\n',
        '/proc/9/fdinfo/0': 'pos:\t0\n',
      }),
    )
    expect(holdersOf(holders, 'map', 12)).toEqual([{ pid: 7, command: 'agent' }])
    expect(holdersOf(holders, 'link', 4)).toEqual([{ pid: 7, command: 'agent' }])
    expect(holdersOf(holders, 'prog', 9)).toEqual([{ pid: 8, command: 'other' }])
    expect(holdersOf(holders, 'btf', 1)).toEqual([])
  })
})
