import { AttachType, MapType, mapCreate, mapOps, type OwnedFd, ProgType } from '@bpf/sys'
import { afterAll, describe, expect, it } from 'vitest'
import { countingProgram } from '../testing/counting-program'
import { attachErrorOf } from '../testing/errors'
import { redirectingProgram } from '../testing/redirecting-program'
import { openDescriptors, testContext } from '../testing/test-context'
import { testNetwork } from '../testing/test-network'
import { attachCpumap, attachDevmap } from './redirect-map'
import { attachXdp } from './xdp'

const context = testContext()
const { sys } = context
const network = testNetwork(sys)
const { near, far } = network
afterAll(() => network[Symbol.dispose]())

const drop = 1
const maps = {
  devmap: { type: MapType.Devmap, attachType: AttachType.XdpDevmap },
  cpumap: { type: MapType.Cpumap, attachType: AttachType.XdpCpumap },
} as const
type Kind = keyof typeof maps
const openMap = (kind: Kind, valueSize = 8) => mapCreate(sys, { type: maps[kind].type, keySize: 4, valueSize, maxEntries: 1 })
const load = (kind: Kind, name = 'behind') =>
  countingProgram(sys, { type: ProgType.Xdp, expectedAttachType: maps[kind].attachType, returns: drop, name })
/** Entry 0, of its one. */
const entryOf = (map: OwnedFd) => {
  const ops = mapOps(sys, map.fd, { keySize: 4, valueSize: 8 })
  return ops.lookup() === 0 ? [...new Uint32Array(ops.value.buffer, ops.value.byteOffset, 2)] : undefined
}
const attach = (kind: Kind, program: ReturnType<typeof load>, map: OwnedFd) =>
  kind === 'devmap'
    ? attachDevmap(context, program, { map: { fd: map.fd, name: 'ports' }, key: 0, interface: near.interface, netns: near.netns })
    : attachCpumap(context, program, { map: { fd: map.fd, name: 'cpus' }, cpu: 0, queueSize: 64 })

describe.each(['devmap', 'cpumap'] as const)('a program in a %s', kind => {
  it('runs for what is redirected there, until it is detached', async () => {
    const before = openDescriptors()
    {
      using map = openMap(kind)
      using behind = load(kind)
      const link = attach(kind, behind, map)
      expect(link).toMatchObject({ kind, interface: 'map update', program: 'behind', id: undefined })
      {
        using front = redirectingProgram(sys, map)
        using _front = attachXdp(context, front, { interface: near.interface, netns: near.netns, mode: 'generic' })
        network.send(far, near)
        // A cpumap's program runs on another thread of the kernel.
        await expect.poll(() => behind.count(), { timeout: 10_000 }).toBeGreaterThan(0)
        link.close()
        link.close()
        const runs = behind.count()
        network.send(far, near)
        expect(behind.count()).toBe(runs)
      }
      expect(entryOf(map)?.[1] ?? 0).toBe(0)
    }
    expect(openDescriptors()).toBe(before)
  })

  it('gives way to another one', () => {
    using map = openMap(kind)
    using first = load(kind)
    using second = load(kind, 'second')
    using link = attach(kind, first, map)
    const before = entryOf(map)
    link.update(second)
    expect(link.program).toBe('second')
    expect(entryOf(map)?.[0]).toBe(before?.[0])
    expect(entryOf(map)?.[1]).not.toBe(before?.[1])
  })

  it('is left alone when somebody else put another one there', () => {
    using map = openMap(kind)
    using first = load(kind)
    using second = load(kind, 'second')
    const stale = attach(kind, first, map)
    using _other = attach(kind, second, map)
    const entry = entryOf(map)
    stale.close()
    expect(entryOf(map)).toEqual(entry)
  })

  it('must have been loaded for it, and have room', () => {
    using map = openMap(kind)
    using ordinary = countingProgram(sys, { type: ProgType.Xdp })
    expect(attachErrorOf(() => attach(kind, ordinary, map)).hint).toContain(`SEC("xdp/${kind}")`)
    using small = openMap(kind, 4)
    using program = load(kind)
    expect(attachErrorOf(() => attach(kind, program, small)).hint).toContain('8 bytes')
  })
})
