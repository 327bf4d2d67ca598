/** `enum bpf_map_type` (include/uapi/linux/bpf.h). The comment is the kernel an entry came with. */
export const MapType = {
  Unspec: 0,
  Hash: 1, // 3.19
  Array: 2, // 3.19
  ProgArray: 3, // 4.2
  PerfEventArray: 4, // 4.3
  PercpuHash: 5, // 4.6
  PercpuArray: 6, // 4.6
  StackTrace: 7, // 4.6
  CgroupArray: 8, // 4.8
  LruHash: 9, // 4.10
  LruPercpuHash: 10, // 4.10
  LpmTrie: 11, // 4.11
  ArrayOfMaps: 12, // 4.12
  HashOfMaps: 13, // 4.12
  Devmap: 14, // 4.14
  Sockmap: 15, // 4.14
  Cpumap: 16, // 4.15
  Xskmap: 17, // 4.18
  Sockhash: 18, // 4.18
  CgroupStorage: 19, // 4.19
  ReuseportSockarray: 20, // 4.19
  PercpuCgroupStorage: 21, // 4.20
  Queue: 22, // 4.20
  Stack: 23, // 4.20
  SkStorage: 24, // 5.2
  DevmapHash: 25, // 5.4
  StructOps: 26, // 5.6
  Ringbuf: 27, // 5.8
  InodeStorage: 28, // 5.10
  TaskStorage: 29, // 5.11
  BloomFilter: 30, // 5.16
  UserRingbuf: 31, // 6.1
  CgrpStorage: 32, // 6.2
  Arena: 33, // 6.9
  InsnArray: 34, // 6.19
  Rhash: 35, // 7.2
} as const
export type MapType = (typeof MapType)[keyof typeof MapType]

/** Values are descriptors of other maps. */
export function isMapInMap(type: number): boolean {
  return type === MapType.ArrayOfMaps || type === MapType.HashOfMaps
}
