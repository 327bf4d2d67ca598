import { encodeFields, type FieldsOf, type Layout, layout } from '../layout'
import { encodeAttributes, type NetlinkAttribute } from './attributes'

/** Messages of `NetlinkProtocol.Route` (include/uapi/linux/rtnetlink.h). */
export const RouteMessage = {
  NewLink: 16,
  DelLink: 17,
  GetLink: 18,
  SetLink: 19,
  NewQdisc: 36,
  DelQdisc: 37,
  GetQdisc: 38,
  GetTclass: 42,
  NewTfilter: 44,
  DelTfilter: 45,
  GetTfilter: 46,
  NewAction: 48,
} as const

/** Head of `RTM_*LINK`. */
export const ifinfomsg = layout({ family: 'u8', _pad: 'u8', type: 'u16', index: 's32', flags: 'u32', change: 'u32' })

/** Head of `RTM_*QDISC`, `RTM_*TCLASS` and `RTM_*TFILTER`. `info` is priority << 16 | protocol in network order. */
export const tcmsg = layout({ family: 'u8', _pad1: 'u8', _pad2: 'u16', ifindex: 's32', handle: 'u32', parent: 'u32', info: 'u32' })

/** Head of `RTM_*ACTION`. */
export const tcamsg = layout({ family: 'u8', _pad1: 'u8', _pad2: 'u16' })

/** The head of a message and its attributes. @throws ArgumentError, NetlinkFormatError */
export function routePayload<L extends Layout>(head: L, fields: FieldsOf<L>, attributes: readonly NetlinkAttribute[] = []): Uint8Array {
  const encoded = encodeAttributes(attributes)
  const payload = new Uint8Array(head.size + encoded.byteLength)
  encodeFields(head, payload, fields, () => 0n, [])
  payload.set(encoded, head.size)
  return payload
}
