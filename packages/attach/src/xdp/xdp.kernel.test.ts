import { execFileSync } from 'node:child_process'
import { AttachType, openFile, ProgType } from '@bpf/sys'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { LinkInterface } from '../link/link'
import { type CountingProgram, countingProgram } from '../testing/counting-program'
import { attachErrorOf } from '../testing/errors'
import { openDescriptors, testContext } from '../testing/test-context'
import { testNetwork } from '../testing/test-network'
import { attachXdp, queryXdp, type XdpTarget } from './xdp'

const context = testContext()
const { sys, kernel } = context
const network = testNetwork(sys)
const { near, far } = network
afterAll(() => network[Symbol.dispose]())
afterEach(() => void execFileSync('ip', ['-n', near.netns.slice('/run/netns/'.length), 'link', 'set', near.interface, 'xdp', 'off']))

const action = { drop: 1, pass: 2 } as const
const load = (returns: number = action.drop, name = 'drop') =>
  countingProgram(sys, { type: ProgType.Xdp, expectedAttachType: AttachType.Xdp, returns, name })
const here = { interface: near.interface, netns: near.netns }
const attach = (program: CountingProgram, target: Partial<XdpTarget> = {}) => attachXdp(context, program, { ...here, ...target })

const modes = ['native', 'generic'] as const
const ways = ['bpf link', 'netlink'] as const

describe.each(ways.flatMap(via => modes.map(mode => [via, mode] as const)))('XDP by %s in %s mode', (via, mode) => {
  const target = { mode, interfaces: [via] as readonly LinkInterface[] }

  it('drops what arrives, until it is detached', () => {
    const before = openDescriptors()
    {
      using program = load()
      expect(network.send(far, near)).toBe(true)
      const link = attach(program, target)
      expect(link).toMatchObject({ kind: 'xdp', interface: via, program: 'drop', target: `XDP of near in ${near.netns} (${mode})` })
      expect(queryXdp(context, here)).toMatchObject([{ mode, programName: 'drop' }])
      expect(network.send(far, near)).toBe(false)
      expect(program.count()).toBe(1)

      link.close()
      link.close()
      expect(queryXdp(context, here)).toEqual([])
      expect(network.send(far, near)).toBe(true)
      expect(program.count()).toBe(1)
    }
    expect(openDescriptors()).toBe(before)
  })

  it('swaps the program', () => {
    using drop = load()
    using pass = load(action.pass, 'pass')
    using link = attach(drop, target)
    link.update(pass, { expected: drop })
    expect(link.program).toBe('pass')
    expect(network.send(far, near)).toBe(true)
    expect([drop.count(), pass.count()]).toEqual([0, 1])
    expect(() => link.update(drop, { expected: drop })).toThrow()
    expect(queryXdp(context, here)).toMatchObject([{ programName: 'pass' }])
  })

  it('outlives the descriptor of its program', () => {
    const program = load()
    const link = attach(program, target)
    program[Symbol.dispose]()
    expect(network.send(far, near)).toBe(false)
    link.close()
    expect(network.send(far, near)).toBe(true)
  })

  it.each(ways)('is not displaced by another that comes by %s', other => {
    using first = load()
    using second = load(action.pass, 'second')
    using link = attach(first, target)
    const error = attachErrorOf(() => attach(second, { mode, interfaces: [other] }))
    expect(error.message).toContain(`"drop" (id ${queryXdp(context, here)[0]?.programId}, ${mode})`)
    expect(error.hint).toContain('replace')
    expect(network.send(far, near)).toBe(false)
    expect(link.program).toBe('drop')
  })
})

describe('XDP by netlink', () => {
  it('replaces the program that it is told to, and no other', () => {
    using first = load()
    using second = load(action.pass, 'second')
    const link = attach(first, { interfaces: ['netlink'] })
    expect(() => attach(second, { replace: second })).toThrow('Active program does not match expected')
    const replacing = attach(second, { replace: first })
    expect(replacing.interface).toBe('netlink')
    expect(queryXdp(context, here)).toMatchObject([{ programName: 'second' }])
    // The first is not attached any more: closing its link must not take the second away.
    link.close()
    expect(queryXdp(context, here)).toMatchObject([{ programName: 'second' }])
    replacing.close()
    expect(queryXdp(context, here)).toEqual([])
  })

  it('replaces anything when told so', () => {
    using first = load()
    using second = load(action.pass, 'second')
    using _old = attach(first, { interfaces: ['netlink'] })
    using _new = attach(second, { replace: 'any' })
    expect(queryXdp(context, here)).toMatchObject([{ programName: 'second' }])
  })
})

describe('XDP', () => {
  it('runs in the driver unless told otherwise, where the driver can', () => {
    using program = load()
    using link = attach(program)
    expect(link.interface).toBe('bpf link')
    expect(link.info()).toMatchObject({ kind: 'xdp', ifindex: near.ifindex })
    expect(queryXdp(context, here)).toMatchObject([{ mode: 'native' }])
  })

  it('goes to an interface by its number, in a namespace by descriptor', () => {
    using program = load()
    using netns = openFile(sys, near.netns)
    using _link = attach(program, { interface: near.ifindex, netns: netns.fd })
    expect(network.send(far, near)).toBe(false)
    expect(queryXdp(context, here)).toMatchObject([{ programName: 'drop' }])
  })

  it('stays when it is pinned', async () => {
    const path = `${kernel.ensureBpffs()}/bpf-attach-test-xdp-${process.pid}`
    using program = load()
    const link = attach(program)
    link.pin(path)
    link.close()
    expect(network.send(far, near)).toBe(false)
    link.unpin()
    await expect.poll(() => network.send(far, near)).toBe(true)
  })

  it('goes away with its interface', () => {
    using program = load()
    using other = testNetwork(sys)
    const link = attachXdp(context, program, { interface: 'near', netns: other.near.netns, interfaces: ['netlink'] })
    execFileSync('ip', ['-n', other.near.netns.slice('/run/netns/'.length), 'link', 'delete', 'near'])
    link.close()
  })

  it('names an interface that is nearly the one', () => {
    using program = load()
    const error = attachErrorOf(() => attach(program, { interface: 'naer' }))
    expect(error.message).toContain('there is no such network interface')
    expect(error.hint).toBe('did you mean near?')
  })

  it('says what the kernel says', () => {
    using program = load()
    const error = attachErrorOf(() => attach(program, { interface: 'lo', mode: 'native', interfaces: ['netlink'] }))
    expect(error.message).toMatch(/XDP of lo in .* \(native\): [Uu]nderlying driver does not support XDP in native mode/)
    expect(error.hint).toBe('generic mode works with every driver')
  })

  it('says what offloading takes', () => {
    using program = load()
    expect(attachErrorOf(() => attach(program, { mode: 'offload' })).hint).toContain('loaded for it')
  })
})
