import { toHex } from '@bpf/bytes'
import { ValueRangeError } from '../errors'
import type { ValueCodec } from './codec'
import { struct } from './declare'
import { s32, u32, u64 } from './scalars'

/**
 * Values and keys whose layout the kernel prescribes (include/uapi/linux/bpf.h).
 */

/** `struct bpf_devmap_val`, or its first half. `program`: a descriptor when written, 0 for none; an id when read. */
export const devmapValue = /* @__PURE__ */ struct({ ifindex: u32, program: s32 })

/** `struct bpf_cpumap_val`, or its first half. `program` as in `devmapValue`. */
export const cpumapValue = /* @__PURE__ */ struct({ queueSize: u32, program: s32 })

/** `struct bpf_cgroup_storage_key`: which cgroup, and where the program is attached to it (`AttachType`). */
export const cgroupStorageKey = /* @__PURE__ */ struct({ cgroupId: u64, attachType: u32 })

/** `struct bpf_insn_array_value`: where an instruction is, in each form of the program. Offsets in instructions, of native code in bytes. */
export const insnArrayValue = /* @__PURE__ */ struct({ originalOffset: u32, xlatedOffset: u32, jitedOffset: u32, reserved: u32 })

/** One address in a call stack that is described by file: `struct bpf_stack_build_id`. */
export type StackFrame =
  | { readonly kind: 'file'; readonly buildId: string; readonly offset: bigint }
  /** The file has no build id, or could not be read. */
  | { readonly kind: 'address'; readonly address: bigint }

const addressSize = 8
const buildIdSize = 20
const frameSize = 32
const FrameStatus = { Empty: 0, Valid: 1, Ip: 2 } as const

/** Values of a stack trace map: addresses, innermost first, as many as there are. `size`: of a value. Bytes. */
export function stackCodec(size: number): ValueCodec<bigint[]> {
  return readOnly(size, (view, offset) => {
    const addresses: bigint[] = []
    for (let at = 0; at + addressSize <= size; at += addressSize) {
      const address = u64.decode(view, offset + at)
      if (address === 0n) break
      addresses.push(address)
    }
    return addresses
  })
}

/** Values of a stack trace map that was created with BPF_F_STACK_BUILD_ID. `size`: of a value. Bytes. */
export function buildIdStackCodec(size: number): ValueCodec<StackFrame[]> {
  return readOnly(size, (view, offset) => {
    const frames: StackFrame[] = []
    for (let at = offset; at + frameSize <= offset + size; at += frameSize) {
      const status = view.getInt32(at, true)
      if (status === FrameStatus.Empty) break
      const place = u64.decode(view, at + 24)
      if (status === FrameStatus.Ip) frames.push({ kind: 'address', address: place })
      else frames.push({ kind: 'file', buildId: toHex(new Uint8Array(view.buffer, view.byteOffset + at + 4, buildIdSize)), offset: place })
    }
    return frames
  })
}

function readOnly<T>(size: number, decode: ValueCodec<T>['decode']): ValueCodec<T> {
  return {
    size,
    decode,
    encode: value => {
      throw new ValueRangeError('nothing: only the kernel writes stack traces', value)
    },
  }
}
