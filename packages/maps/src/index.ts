/**
 * BPF map handles and ring, perf and user ring buffers, decoded by BTF.
 *
 * @module @bpf/maps
 */

export { codecOf, codecsByBtf, type MapTypes } from './codec/by-btf'
export type { Decoded, ValueCodec } from './codec/codec'
export { array, bytes, type StructOf, struct, text } from './codec/declare'
export { formatAddress, ipv4, ipv6, parseAddress } from './codec/ip'
export {
  buildIdStackCodec,
  cgroupStorageKey,
  cpumapValue,
  devmapValue,
  insnArrayValue,
  type StackFrame,
  stackCodec,
} from './codec/kernel-values'
export { perCpuCodec } from './codec/per-cpu'
export { lpmKeyCodec, prefixCodec, type RawPrefix, rawPrefixCodec } from './codec/prefix'
export { rawCodec } from './codec/raw'
export { be16, be32, bool, type DeclaredCodec, s8, s16, s32, s64, u8, u16, u32, u64 } from './codec/scalars'
export {
  BatchError,
  CorruptRingError,
  MapError,
  ReaderBusyError,
  RecordSizeError,
  SampleSizeError,
  ValueRangeError,
  ValueSizeError,
} from './errors'
export { ArenaMap, type ArenaMapOptions } from './map/arena-map'
export { BloomFilter } from './map/bloom-filter'
export { BpfMap, type BpfMapOptions } from './map/bpf-map'
export { PerfEventArrayMap, RingbufMap, UserRingbufMap } from './map/buffer-maps'
export type { Chunk } from './map/chunks'
export type { MapContext } from './map/context'
export { type CreateMapOptions, createMap, type HandleOf } from './map/create'
export { DescriptorMap, DescriptorSlots, type DescriptorSource } from './map/descriptor-map'
export { type AnyMap, isPerCpu, type MapKind, type MapsByKind } from './map/kinds'
export { LocalStorage, type StorageOwner } from './map/local-storage'
export { MapHandle, type MapHandleOptions } from './map/map-handle'
export { MapOfMaps } from './map/map-of-maps'
export { type MapCodecs, type OpenMapOptions, openMap, openMapById, openMapFd, openPinnedMap } from './map/open'
export { PerCpuMap, type PerCpuMapOptions } from './map/per-cpu-map'
export { QueueMap } from './map/queue-map'
export { RawElements, type RawElementsOptions } from './map/raw-elements'
export type { SetMode } from './map/set-mode'
export { asCreated, compareShapes, type MapShape, ringSize, type ShapeDifference, shapeOfInfo } from './map/shape'
export { shapeProblem } from './map/shape-problem'
export { StructOpsMap, type StructOpsState } from './map/struct-ops-map'
export { mapTypeNoun } from './map/type-noun'
export type { ArenaVariables } from './memory/arena-memory'
export type { ArrayMemoryOptions } from './memory/array-memory'
export { Globals, type GlobalsOptions, type GlobalVariable, VariableError } from './memory/globals'
export { MappedArray } from './memory/mapped-array'
export { checkPinDirectory, checkPinPath, makePinDirectory, type PinOptions, pinObject, tryOpenPin } from './pin/pin'
export { PinError, PinMismatchError } from './pin/pin-error'
export { obtainPinnedMap, openPinnedAs, type PinnedMap, type PinnedMapOptions, type PinPolicy } from './pin/pinned-map'
export { copyRecord, decodeWith, type RecordDecoder } from './ring/decode'
export { OverwritablePerfBuffer, type OverwritablePerfBufferOptions, type PerfSample } from './ring/overwritable-perf-buffer'
export { PerfBuffer, type PerfBufferOptions, type PerfRecord, type RawSample } from './ring/perf-buffer'
export type { RecordStream } from './ring/record-iterator'
export type { StreamOptions } from './ring/record-reader'
export type { RawRecord } from './ring/ring'
export { RingBuffer, type RingBufferOptions } from './ring/ring-buffer'
export { type Reservation, UserRingBuffer, type UserRingBufferOptions, type WaitForRoomOptions } from './ring/user-ring-buffer'
