/**
 * bpf(2), perf_event_open, epoll, mmap and netlink for Node through koffi, with owned descriptors and typed errors.
 *
 * @module @bpf/sys
 */

export { type Arch, type ArchName, littleEndian, type SyscallName } from './arch'
export * as attrLayouts from './bpf/attr-layouts'
export { BtfLoadError, type BtfLoadOptions, btfLoad, type LoadedBtf } from './bpf/btf'
export { type BtfInfo, getBtfBytes, getBtfInfo } from './bpf/btf-info'
export { type BpfCallOptions, bpf, bpfFd, type Reply, tryBpf, tryBpfAsync } from './bpf/call'
export { ids, nextId, type ObjectKind, type OpenByIdOptions, openById, tryOpenById } from './bpf/ids'
export * as infoLayouts from './bpf/info-layouts'
export {
  iterCreate,
  type LinkHead,
  type LinkTail,
  type LinkUpdateOptions,
  linkCreate,
  linkDetach,
  linkUpdate,
  type RawTracepointOptions,
  rawTracepointOpen,
} from './bpf/link'
export { getLinkInfo, type LinkDetail, type LinkInfo, type PerfLinkDetail } from './bpf/link-info'
export { type MapCreateOptions, mapCreate, mapFreeze } from './bpf/map'
export {
  type MapBatchOptions,
  type MapBatchResult,
  mapDeleteBatch,
  mapLookupAndDeleteBatch,
  mapLookupBatch,
  mapUpdateBatch,
} from './bpf/map-batch'
export { getMapHash, getMapInfo, type MapInfo } from './bpf/map-info'
export { type MapOperation, type MapOps, type MapOpsSizes, mapOps } from './bpf/map-ops'
export { objGet, objGetInfo, objPin, type PinPath } from './bpf/object'
export {
  type LoadedProgram,
  ProgLoadError,
  type ProgLoadOptions,
  type ProgramLog,
  progAssocStructOps,
  progBindMap,
  progLoad,
  progLoadAsync,
} from './bpf/program'
export {
  type AttachedProgram,
  type AttachedPrograms,
  type AttachTarget,
  type ProgAttachOptions,
  type ProgDetachOptions,
  type ProgQueryOptions,
  progAttach,
  progDetach,
  progQuery,
  type Relative,
} from './bpf/program-attach'
export { getProgInfo, type JitedCode, type ProgInfo, type ProgInfoOptions, type ProgSourceInfo } from './bpf/program-info'
export { enableStats } from './bpf/stats'
export { progStreamRead, type StreamReadOptions } from './bpf/stream'
export { type TaskFd, taskFdQuery } from './bpf/task-fd-query'
export { progTestRun, progTestRunAsync, type TestRunOptions, type TestRunResult } from './bpf/test-run'
export { tokenCreate } from './bpf/token'
export { getTokenInfo, type TokenInfo } from './bpf/token-info'
export { call, type Outcome, tryCall } from './call'
export {
  Capability,
  type CapabilityName,
  hasCapability,
  inUserNamespace,
  type ProcessRights,
  parseProcessRights,
  type ReadText,
} from './capabilities'
export { AttachType } from './constants/attach-type'
export { BpfCommand } from './constants/command'
export {
  AttachFlag,
  ElemFlag,
  FdType,
  LogLevel,
  MapFlag,
  MultiFlag,
  NetfilterFlag,
  objNameLen,
  PerfLinkType,
  ProgFlag,
  QueryFlag,
  StatsType,
  Stream,
  TestRunFlag,
} from './constants/flags'
export { LinkType } from './constants/link-type'
export { MapType } from './constants/map-type'
export { commandName, snakeCase, snakeName } from './constants/names'
export { ProgType } from './constants/program-type'
export { Epoll, EpollEvent } from './epoll'
export { Errno, type ErrnoName, errnoName, errnoText } from './errno'
export { exhaustionOf } from './exhaustion'
export { eventfd, OpenFlag, openFile, preadFd, readFd, writeFd } from './file'
export { configureFilesystem, createFilesystem, mountFilesystem, openFilesystem, placeMount } from './filesystem-context'
export type { AddressRange } from './graves'
export { ioctl } from './ioctl'
export { addKey, type Key, Keyring } from './keyring'
export {
  ArgumentError,
  decodeFields,
  encodeFields,
  type FieldsOf,
  type FieldTable,
  type Layout,
  layout,
  type Pointer,
  type ReadOf,
} from './layout'
export { mapFile } from './mapped-file'
export { MapMemory, Mapping, type MappingOptions, mapMemory, Prot, takenMemory } from './memory'
export { MountFlag, type MountOptions, mount, unmount } from './mount'
export { inNetworkNamespace, Namespace, setNamespace, unshare } from './namespace'
export { type AsyncResult, mapFailed, type Native, type Watch, type Word } from './native'
export { koffiNative, PlatformError } from './native-koffi'
export {
  attributeMap,
  attributeNumber,
  encodeAttributes,
  type NetlinkAttribute,
  NetlinkFormatError,
  type NetlinkValue,
  type ParsedAttribute,
  parseAttributes,
} from './netlink/attributes'
export { type GenericRequest, genericFamily, genericRequest } from './netlink/generic'
export { MessageFlag, MessageType, type NetlinkMessage } from './netlink/message'
export { ifinfomsg, RouteMessage, routePayload, tcamsg, tcmsg } from './netlink/route'
export { NetlinkError, NetlinkProtocol, type NetlinkRequest, NetlinkSocket } from './netlink/socket'
export { orClose } from './or-close'
export { ClosedError, closeFd, duplicateFd, type Fd, OwnedFd } from './owned-fd'
export { type PerfFlag, PerfHardware, PerfSample, PerfSoftware, PerfType, perfEventAttr } from './perf/perf-attr'
export {
  type PerfEventOptions,
  PerfIoctl,
  perfEventDisable,
  perfEventEnable,
  perfEventOpen,
  perfEventPauseOutput,
  perfEventQueryBpf,
  perfEventSetBpf,
} from './perf/perf-event'
export { requiredCapabilities } from './permission-hint'
export { pidfdGetFd, pidfdOpen } from './pidfd'
export { Reactor, type ReadyCallback, type Source, type SourceOptions } from './reactor'
export { getResourceLimit, type Limit, ResourceLimit, setResourceLimit, unlimited } from './resource-limit'
export {
  attachReuseport,
  attachSocketFilter,
  detachReuseport,
  detachSocketFilter,
  InterfaceNameError,
  interfaceIndex,
  interfaceName,
  openSocket,
  SocketFamily,
  SocketOption,
  SocketType,
  setSocketOption,
} from './socket'
export { createSys, type Sys, type SysOptions } from './sys'
export { isSyscallError, SyscallError } from './syscall-error'
export { type Attributes, type AttributeValue, formatAttributes, formatCall, type TracedCall } from './trace'
export { type Uname, uname } from './uname'
export { withoutCapabilities } from './without-capabilities'
