import { afterAll, describe, expect, it } from 'vitest'
import { attachErrorOf } from '../testing/errors'
import { attachObject, commandsIn, has, programsOf, rememberDirectories } from '../testing/other-tools'
import { testContext } from '../testing/test-context'
import { testNetwork } from '../testing/test-network'
import { attachXdp, queryXdp } from '../xdp/xdp'
import { queryXdpDispatcher } from '../xdp-dispatcher/query'

/** What xdp-loader attaches is seen here and respected, and it sees what is attached here. */
const context = testContext()
const { sys, kernel } = context
const network = testNetwork(sys)
const { near } = network
const here = { interface: near.interface, netns: near.netns }
const { run } = commandsIn(near)
const { idOf, ...load } = programsOf(sys)
const removeDirectories = rememberDirectories(kernel.ensureBpffs())
afterAll(() => {
  network[Symbol.dispose]()
  removeDirectories()
})

describe.skipIf(!has('xdp-loader'))('xdp-loader (needs xdp-tools)', () => {
  const unload = () => run('xdp-loader', 'unload', 'near', '--all')

  it('attaches programs that we see and respect, alone or behind a dispatcher', () => {
    using ours = load.xdp('ours')
    run('xdp-loader', 'load', '-m', 'skb', '-n', 'drop_all', 'near', attachObject('xdp-chain.o'))
    try {
      const [attached] = queryXdp(context, here)
      // Alone on kernels that do not let code be patched.
      const dispatcher = queryXdpDispatcher(context, here)
      expect(dispatcher?.programs.map(({ name }) => name) ?? [attached?.programName]).toEqual(['drop_all'])
      const error = attachErrorOf(() => attachXdp(context, ours, { ...here, mode: 'generic' }))
      expect(error.message).toContain(`"${attached?.programName}" (id ${attached?.programId}, generic)`)
    } finally {
      unload()
    }
    expect(queryXdp(context, here)).toEqual([])
  })

  it('sees ours, and takes away what is by netlink', () => {
    using ours = load.xdp('ours')
    const link = attachXdp(context, ours, { ...here, mode: 'generic', interfaces: ['netlink'] })
    expect(run('xdp-loader', 'status', 'near')).toMatch(new RegExp(`near\\s+ours\\s+skb\\s+${idOf(ours)}\\b`))
    unload()
    expect(queryXdp(context, here)).toEqual([])
    link.close()
  })
})
