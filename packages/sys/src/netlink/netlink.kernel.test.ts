import { decodeCString } from '@bpf/bytes'
import { describe, expect, it } from 'vitest'
import { openFile } from '../file'
import { createSys, interfaceIndex, interfaceName } from '../index'
import { decodeFields } from '../layout'
import { inNetworkNamespace, Namespace, setNamespace, unshare } from '../namespace'
import { attributeMap } from './attributes'
import { genericFamily } from './generic'
import { MessageFlag } from './message'
import { ifinfomsg, RouteMessage, routePayload, tcmsg } from './route'
import { NetlinkError, NetlinkProtocol, NetlinkSocket } from './socket'

const IFLA_IFNAME = 3
const IFLA_LINKINFO = 18
const IFLA_INFO_KIND = 1
const TCA_KIND = 1

describe('netlink', () => {
  it('dumps the interfaces', () => {
    const sys = createSys()
    using route = new NetlinkSocket(sys, NetlinkProtocol.Route)
    const links = route.request({
      type: RouteMessage.GetLink,
      flags: MessageFlag.Dump,
      payload: routePayload(ifinfomsg, {}),
      what: 'RTM_GETLINK',
    })
    const names = links.map(({ payload }) =>
      decodeCString(attributeMap(payload.subarray(ifinfomsg.size)).get(IFLA_IFNAME) ?? new Uint8Array()),
    )
    expect(names).toContain('lo')
    expect(links.map(({ payload }) => decodeFields(ifinfomsg, payload).index)).toContain(interfaceIndex(sys, 'lo'))
    expect(interfaceName(sys, interfaceIndex(sys, 'lo'))).toBe('lo')
  })

  it('repeats what the kernel says about a refusal', () => {
    using route = new NetlinkSocket(createSys(), NetlinkProtocol.Route)
    const payload = routePayload(tcmsg, { ifindex: 1, handle: 0x10000, parent: 0xffffffff }, [[TCA_KIND, 'no-such-qdisc']])
    try {
      route.request({ type: RouteMessage.NewQdisc, flags: MessageFlag.Create | MessageFlag.Exclusive, payload, what: 'RTM_NEWQDISC' })
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(NetlinkError)
      expect(error).toMatchObject({ operation: 'RTM_NEWQDISC', text: expect.stringMatching(/qdisc/i) })
    }
  })

  it('finds a generic family', () => {
    using generic = new NetlinkSocket(createSys(), NetlinkProtocol.Generic)
    expect(genericFamily(generic, 'nlctrl')).toBe(0x10)
    expect(() => genericFamily(generic, 'no_such_family')).toThrow(/ENOENT/)
  })

  it('works in another namespace and comes home', () => {
    const sys = createSys()
    const home = openFile(sys, '/proc/thread-self/ns/net')
    unshare(sys, Namespace.Net)
    try {
      const index = inNetworkNamespace(sys, home.fd, () => interfaceIndex(sys, 'lo'))
      expect(index).toBe(1)
      using route = new NetlinkSocket(sys, NetlinkProtocol.Route)
      const attributes = [
        [IFLA_IFNAME, 'dummy7'],
        [IFLA_LINKINFO, [[IFLA_INFO_KIND, 'veth']]],
      ] as const
      route.request({
        type: RouteMessage.NewLink,
        flags: MessageFlag.Create | MessageFlag.Exclusive,
        payload: routePayload(ifinfomsg, {}, attributes),
        what: 'RTM_NEWLINK',
      })
      expect(interfaceIndex(sys, 'dummy7')).toBeGreaterThan(1)
    } finally {
      setNamespace(sys, home.fd, Namespace.Net)
      home.close()
    }
  })
})
