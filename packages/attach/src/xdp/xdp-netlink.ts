import {
  attributeMap,
  attributeNumber,
  Errno,
  ifinfomsg,
  isSyscallError,
  type NetlinkAttribute,
  type NetlinkSocket,
  RouteMessage,
  routePayload,
} from '@bpf/sys'

/** `XDP_FLAGS_*` (include/uapi/linux/if_link.h). */
export const XdpFlag = { UpdateIfNoexist: 1 << 0, SkbMode: 1 << 1, DrvMode: 1 << 2, HwMode: 1 << 3, Replace: 1 << 4 } as const

/** Where in the receive path a program runs: in the driver, behind it, or in the device. */
export type XdpMode = 'native' | 'generic' | 'offload'

export const xdpModeFlags: Readonly<Record<XdpMode, number>> = {
  native: XdpFlag.DrvMode,
  generic: XdpFlag.SkbMode,
  offload: XdpFlag.HwMode,
}

const IFLA_XDP = 43
const nested = { fd: 1, attached: 2, flags: 3, progId: 4, drvProgId: 5, skbProgId: 6, hwProgId: 7, expectedFd: 8 } as const
/** `XDP_ATTACHED_*`: the only program's mode; 4 (several) comes with one attribute a mode instead. */
const attachedModes: Readonly<Record<number, XdpMode>> = { 1: 'native', 2: 'generic', 3: 'offload' }
const detachFd = -1

export interface SetXdpOptions {
  readonly ifindex: number
  /** Undefined detaches. */
  readonly progFd: number | undefined
  /** `XdpFlag`. */
  readonly flags: number
  /** With `XdpFlag.Replace` (5.7): the program that must be attached now. */
  readonly expectedFd?: number | undefined
}

/** RTM_SETLINK with IFLA_XDP. @throws NetlinkError */
export function setXdp(route: NetlinkSocket, { ifindex, progFd = detachFd, flags, expectedFd }: SetXdpOptions): void {
  const attributes: NetlinkAttribute[] = [
    [nested.fd, progFd],
    [nested.flags, flags],
  ]
  if (expectedFd !== undefined) attributes.push([nested.expectedFd, expectedFd])
  const payload = routePayload(ifinfomsg, { index: ifindex }, [[IFLA_XDP, attributes]])
  route.request({ type: RouteMessage.SetLink, payload, what: 'RTM_SETLINK IFLA_XDP' })
}

/** The programs on an interface by mode: one, unless generic or native run beside the device. @throws NetlinkError */
export function getXdp(route: NetlinkSocket, ifindex: number): ReadonlyMap<XdpMode, number> {
  const payload = routePayload(ifinfomsg, { index: ifindex })
  const [answer] = route.request({ type: RouteMessage.GetLink, payload, what: 'RTM_GETLINK' })
  return answer === undefined ? new Map() : xdpOf(attributeMap(answer.payload.subarray(ifinfomsg.size)))
}

/** Program ids by mode, of an interface's attributes. */
export function xdpOf(attributes: ReadonlyMap<number, Uint8Array>): ReadonlyMap<XdpMode, number> {
  const programs = new Map<XdpMode, number>()
  const nest = attributes.get(IFLA_XDP)
  if (nest === undefined) return programs
  const xdp = attributeMap(nest)
  const add = (mode: XdpMode | undefined, attribute: number) => {
    const id = attributeNumber(xdp.get(attribute))
    if (mode !== undefined && id) programs.set(mode, id)
  }
  add(attachedModes[attributeNumber(xdp.get(nested.attached)) ?? 0], nested.progId)
  add('native', nested.drvProgId)
  add('generic', nested.skbProgId)
  add('offload', nested.hwProgId)
  return programs
}

/** Takes our program off an interface, and no other. @throws NetlinkError */
export function unsetXdp(
  route: NetlinkSocket,
  options: { readonly ifindex: number; readonly flags: number; readonly progFd: number; readonly progId: number },
): void {
  const { ifindex, flags, progFd, progId } = options
  try {
    setXdp(route, { ifindex, progFd: undefined, flags: flags | XdpFlag.Replace, expectedFd: progFd })
  } catch (error) {
    // Replaced by somebody, or gone with its interface.
    if (isSyscallError(error, Errno.EEXIST, Errno.ENODEV)) return
    if (!isSyscallError(error, Errno.EINVAL)) throw error
    // Before 5.7 the kernel cannot compare.
    if ([...getXdp(route, ifindex).values()].includes(progId)) setXdp(route, { ifindex, progFd: undefined, flags })
  }
}
