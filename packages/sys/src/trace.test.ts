import { describe, expect, it } from 'vitest'
import { AttachType } from './constants/attach-type'
import { MapType } from './constants/map-type'
import { Errno } from './errno'
import { formatAttributes, formatCall } from './trace'

describe('formatCall', () => {
  it('reads like strace', () => {
    const attributes = { mapType: MapType.LruPercpuHash, keySize: 4, mapName: 'hits', mapFlags: 0x402 }
    expect(formatCall({ syscall: 'bpf', operation: 'BPF_MAP_CREATE', attributes, result: 5, errno: 0 })).toBe(
      'bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_LRU_PERCPU_HASH, key_size=4, map_name="hits", map_flags=BPF_F_NO_COMMON_LRU|BPF_F_MMAPABLE}) = 5',
    )
    expect(formatCall({ syscall: 'close', operation: undefined, attributes: { fd: 3 }, result: -1, errno: Errno.EBADF })).toBe(
      'close({fd=3}) = -1 EBADF (bad file descriptor)',
    )
  })

  it('shows addresses in hexadecimal, short memory by its bytes, long memory by its size', () => {
    expect(formatAttributes({ address: 0x7f0012345000n, key: Uint8Array.of(1, 2), insns: new Uint8Array(800) })).toBe(
      'address=0x7f0012345000, key=[01 02], insns=[800 bytes]',
    )
  })

  it('shows the number of a constant it does not know', () => {
    expect(formatAttributes({ attachType: 999, expectedAttachType: AttachType.TcxIngress, mapFlags: 0x80000000 })).toBe(
      'attach_type=999, expected_attach_type=BPF_TCX_INGRESS, map_flags=0x80000000',
    )
  })
})
