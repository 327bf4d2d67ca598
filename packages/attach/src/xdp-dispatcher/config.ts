import { decodeFields, encodeFields, layout } from '@bpf/sys'

/**
 * What a dispatcher was loaded with: `struct xdp_dispatcher_config` of libxdp's protocol
 * (https://github.com/xdp-project/xdp-tools/blob/main/lib/libxdp/protocol.org), the only value of its only map.
 */
export interface DispatcherConfig {
  /** In the order they run. */
  readonly slots: readonly DispatcherSlot[]
  /** The dispatcher takes packets of several fragments, as all its programs do. */
  readonly frags: boolean
}

/** How one program runs. */
export interface DispatcherSlot {
  /** Lower runs first. */
  readonly priority: number
  /** A bit for each return code after which the next program runs: `1 << XDP_PASS`. */
  readonly chainCallActions: number
  /** It takes packets of several fragments (`BPF_F_XDP_HAS_FRAGS`). */
  readonly frags: boolean
}

/** The number of slots. */
export const maxDispatched = 10
/** The version of the protocol that is written here. */
export const dispatcherVersion = 2

/** `'X' + 'D' + 'P'` */
const magic = 236
const BPF_F_XDP_HAS_FRAGS = 1 << 5
/** What a slot returns that no program is in: the chain goes on. */
const notReplaced = 1 << 31

const head = layout({ magic: 'u8', version: 'u8', enabled: 'u8', frags: 'u8' })
const configSize = head.size + 3 * 4 * maxDispatched

/** The value of `conf`, 124 bytes. */
export function encodeDispatcherConfig({ slots, frags: allFrags }: DispatcherConfig): Uint8Array {
  const bytes = new Uint8Array(configSize)
  const fields = { magic, version: dispatcherVersion, enabled: slots.length, frags: allFrags ? 1 : 0 }
  encodeFields(head, bytes, fields, () => 0n, [])
  const view = new DataView(bytes.buffer)
  for (const [index, { chainCallActions, priority, frags }] of slots.entries()) {
    view.setUint32(wordOffset(0, index), (chainCallActions | notReplaced) >>> 0, true)
    view.setUint32(wordOffset(1, index), priority, true)
    view.setUint32(wordOffset(2, index), frags ? BPF_F_XDP_HAS_FRAGS : 0, true)
  }
  return bytes
}

/** What a program's configuration says, by the version of its protocol; undefined if it is no dispatcher's. */
export type ReadConfig =
  | { readonly version: typeof dispatcherVersion; readonly config: DispatcherConfig }
  /** Older or newer: left alone. */
  | { readonly version: number; readonly config: undefined }

export function decodeDispatcherConfig(bytes: Uint8Array): ReadConfig | undefined {
  if (bytes.byteLength < head.size) return undefined
  const { magic: found, version, enabled, frags } = decodeFields(head, bytes)
  if (found !== magic) return undefined
  if (version !== dispatcherVersion) return { version, config: undefined }
  if (bytes.byteLength !== configSize || enabled > maxDispatched) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const slots = Array.from({ length: enabled }, (_, index) => ({
    chainCallActions: view.getUint32(wordOffset(0, index), true) & ~notReplaced,
    priority: view.getUint32(wordOffset(1, index), true),
    frags: (view.getUint32(wordOffset(2, index), true) & BPF_F_XDP_HAS_FRAGS) !== 0,
  }))
  return { version: dispatcherVersion, config: { slots, frags: frags !== 0 } }
}

/** Three arrays of words follow the head: actions, priorities, flags. */
function wordOffset(array: number, index: number): number {
  return head.size + 4 * (array * maxDispatched + index)
}
