import { layout, ProgType } from '@bpf/sys'

/** include/uapi/linux/rtnetlink.h. */
export const rtmsg = layout({
  family: 'u8',
  dstLen: 'u8',
  srcLen: 'u8',
  tos: 'u8',
  table: 'u8',
  protocol: 'u8',
  scope: 'u8',
  type: 'u8',
  flags: 'u32',
})
export const routeMessage = { newRoute: 24, delRoute: 25, getRoute: 26 } as const
export const routeAttribute = { dst: 1, oif: 4, gateway: 5, priority: 6, table: 15, encapType: 21, encap: 22 } as const
export const RT_TABLE_MAIN = 254
export const RTPROT_STATIC = 4
export const RTN_UNICAST = 1
export const scope = { universe: 0, link: 253 } as const

/** include/uapi/linux/lwtunnel.h: which hook, and in it the program. */
export const LWTUNNEL_ENCAP_BPF = 6
export const lwtHooks = { lwt_in: 1, lwt_out: 2, lwt_xmit: 3 } as const
export const bpfHooks: Readonly<Record<number, number>> = {
  [ProgType.LwtIn]: lwtHooks.lwt_in,
  [ProgType.LwtOut]: lwtHooks.lwt_out,
  [ProgType.LwtXmit]: lwtHooks.lwt_xmit,
}
/** `fd`: of `lwt_seg6local` the kernel tells the program's id there. */
export const bpfProgram = { fd: 1, name: 2 } as const
export const LWT_BPF_XMIT_HEADROOM = 4

/** include/uapi/linux/seg6_local.h: the action that calls a program. */
export const LWTUNNEL_ENCAP_SEG6_LOCAL = 7
export const seg6 = { action: 1, bpf: 8, endBpf: 15 } as const
