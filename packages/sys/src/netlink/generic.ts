import { attributeMap, attributeNumber, encodeAttributes, type NetlinkAttribute } from './attributes'
import type { NetlinkMessage } from './message'
import type { NetlinkSocket } from './socket'

/** `struct genlmsghdr`: command, version, and two bytes unused. */
const headerSize = 4
const nlctrl = { id: 0x10, getFamily: 3, attrFamilyId: 1, attrFamilyName: 2 } as const

export interface GenericRequest {
  /** The family's id, of `genericFamily`. */
  readonly family: number
  readonly command: number
  readonly version?: number
  /** `MessageFlag`. */
  readonly flags?: number
  readonly attributes?: readonly NetlinkAttribute[]
  readonly what: string
}

/** A generic netlink request, on a socket of `NetlinkProtocol.Generic`; returns the attributes of each answer. @throws NetlinkError */
export function genericRequest(socket: NetlinkSocket, request: GenericRequest): readonly ReadonlyMap<number, Uint8Array>[] {
  const { family, command, version = 1, flags = 0, attributes = [], what } = request
  const encoded = encodeAttributes(attributes)
  const payload = new Uint8Array(headerSize + encoded.byteLength)
  payload.set([command, version])
  payload.set(encoded, headerSize)
  return socket.request({ type: family, flags, payload, what }).map(genericAttributes)
}

function genericAttributes({ payload }: NetlinkMessage): ReadonlyMap<number, Uint8Array> {
  return attributeMap(payload.subarray(headerSize), 'generic netlink answer')
}

/** The id of a family such as `netdev`. @throws NetlinkError ENOENT if the kernel has none of that name */
export function genericFamily(socket: NetlinkSocket, name: string): number {
  const [answer] = genericRequest(socket, {
    family: nlctrl.id,
    command: nlctrl.getFamily,
    attributes: [[nlctrl.attrFamilyName, name]],
    what: `family ${name}`,
  })
  return attributeNumber(answer?.get(nlctrl.attrFamilyId)) ?? 0
}
