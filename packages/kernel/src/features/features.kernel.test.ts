import { readdirSync } from 'node:fs'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { createSys, ids, LinkType, MapFlag, MapType, ProgType, type TracedCall } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { openKernel } from '../kernel'
import { kernelFeatures } from './features'

const leaks = failOnLeaks(kind => ids(createSys(), kind))
const calls: TracedCall[] = []
const kernel = openKernel(
  createSys({
    trace: call => {
      leaks.trace(call)
      calls.push(call)
    },
  }),
)
const { features } = kernel
const openFds = () => readdirSync('/proc/self/fd').length
const option = (name: string) => kernel.kconfig(name) === 'y'

describe('features of the running kernel', () => {
  it('that came with 5.x are there, and those of later versions come with their version', () => {
    const early = [
      'btf',
      'btfFunc',
      'btfDatasec',
      'globalData',
      'programName',
      'arrayMmap',
      'probeReadKernel',
      'boundedLoops',
      'millionInsns',
    ] as const
    expect(early.filter(feature => kernel.has(feature) !== true)).toEqual([])
    const since = {
      btfEnum64: 0x060000,
      isaV4: 0x060600,
      logTrueSize: 0x060400,
      token: 0x060900,
      fdArrayCount: 0x060e00,
      programStreams: 0x061100,
    } as const
    for (const [feature, version] of Object.entries(since)) {
      // A distribution may have more than its version says, never less.
      if (kernel.kernelVersion >= version) expect([feature, kernel.has(feature as keyof typeof since)]).toEqual([feature, true])
    }
  })

  it('follow the configuration', () => {
    expect(kernel.has('kprobeMulti')).toBe(option('CONFIG_FPROBE') && option('CONFIG_KPROBES'))
    expect(features.programType(ProgType.LircMode2)).toBe(option('CONFIG_BPF_LIRC_MODE2'))
    expect(features.linkType(LinkType.Netkit)).toBe(option('CONFIG_NETKIT'))
    expect(features.mapType(MapType.Xskmap)).toBe(option('CONFIG_XDP_SOCKETS'))
  })

  it('know what does not exist', () => {
    expect(features.programType(999)).toBe(false)
    expect(features.mapType(999)).toBe(false)
    expect(features.attachType(999)).toBe(false)
    expect(features.helper(ProgType.Xdp, 9999)).toBe(false)
    expect(features.linkType(LinkType.Unspec)).toBe(false)
  })

  it('tell the types and flags of maps', () => {
    for (const type of [MapType.Hash, MapType.Array, MapType.ArrayOfMaps, MapType.Ringbuf, MapType.TaskStorage, MapType.StructOps]) {
      expect([type, features.mapType(type)]).toEqual([type, true])
    }
    expect(features.mapFlag(MapFlag.Mmapable)).toBe(true)
    expect(features.mapFlag(1 << 30)).toBeUndefined()
  })

  it('tell which helpers a program type may call', () => {
    const [mapLookup, redirect, getCurrentPid, skLoadBytes] = [1, 23, 14, 26]
    expect(features.helper(ProgType.Xdp, mapLookup)).toBe(true)
    expect(features.helper(ProgType.Xdp, redirect)).toBe(true)
    expect(features.helper(ProgType.Xdp, skLoadBytes)).toBe(false)
    expect(features.helper(ProgType.Kprobe, getCurrentPid)).toBe(true)
    expect(features.helper(ProgType.Kprobe, redirect)).toBe(false)
    expect(features.helper(ProgType.StructOps, mapLookup)).toBeUndefined()
  })

  it('are found out once and leave nothing behind', () => {
    for (const feature of kernelFeatures) kernel.has(feature)
    const [fds, asked] = [openFds(), calls.length]
    const known = kernelFeatures.filter(feature => kernel.has(feature) !== undefined)
    expect(known.length).toBeGreaterThan(30)
    // Only what could not be told is tried again.
    if (known.length === kernelFeatures.length) expect(calls.length).toBe(asked)
    expect(openFds()).toBe(fds)
  })
})
