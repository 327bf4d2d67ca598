export type { Neighbour, Place } from './anchor'
export {
  type AttachTarget,
  attachProgram,
  type HookTarget,
  type HookTargets,
  parseAttachTarget,
  type TextTarget,
} from './auto/attach-program'
export { type AttachSpec, AttachSpecError, isSelected, parseAttachSpec } from './auto/attach-spec'
export { attachTo } from './auto/attach-to'
export { type AutoAttachment, autoAttach } from './auto/auto'
export { OptionError } from './auto/option-values'
export { attachCgroup, type CgroupTarget, queryCgroup } from './cgroup'
export { cgroupRoot } from './cgroup-path'
export type { AttachContext, NamedMap } from './context'
export { AttachError, DetachError, LinkError } from './errors'
export { attachFreplace, type FreplaceTarget } from './freplace'
export type { FunctionPattern } from './glob'
export { attachIter, type IterLink, type IterTarget } from './iter'
export type { FunctionSelection, KernelFunction } from './kprobe/kernel-functions'
export { attachKprobe, type KprobeTarget } from './kprobe/kprobe'
export { attachKsyscall, type KsyscallTarget, syscallFunction } from './kprobe/ksyscall'
export { attachLasting, detachLasting, type LastingHook, type LastingProgram } from './lasting'
export { findLeftovers } from './leftover/find'
export type { Leftover } from './leftover/noted'
export type { AttachableProgram, Link, LinkInterface, Replacement } from './link'
export { labelOfLink } from './link-label'
export { attachLirc, type LircTarget, queryLirc } from './lirc'
export { attachLwt, type LwtTarget } from './lwt/lwt'
export { attachNetfilter, type NetfilterTarget, netfilterFamilies, netfilterHooks } from './netfilter'
export { attachNetkit, type NetkitTarget, queryNetkit } from './netkit'
export { attachNetns, type NetnsTarget, queryNetns } from './netns'
export type { InterfaceTarget } from './network'
export { type LinkSource, OpenLinkError, openLink } from './open-link'
export { type BreakpointOptions, breakpoint, type PerfEvent, parsePerfEvent, perfEventNames } from './perf-event/event-names'
export { attachPerfEvent, type PerfEventTarget } from './perf-event/perf-event'
export { type CgroupHook, type CgroupPrograms, cgroupAttachTypes, type QueryCgroupTreeOptions, queryCgroupTree } from './query/cgroup-tree'
export type { Attached, HookState } from './query/hook'
export { type AttachedNetfilter, type AttachedStructOps, queryNetfilter, queryStructOps } from './query/links'
export { type InterfacePrograms, type NetPrograms, type QueryNetOptions, queryNet } from './query/net'
export { listPerfHolders, type PerfHolder, type TracePoint } from './query/perf-holders'
export { attachRawTracepoint, type RawTracepointTarget } from './raw-tracepoint'
export { attachCpumap, attachDevmap, type CpumapTarget, type DevmapTarget } from './redirect-map'
export { attachReuseport, attachSocketFilter, type SocketFilterTarget, type SocketTarget } from './socket'
export { attachSockmap, querySockmap, type SockmapTarget } from './sockmap'
export { attachStructOps, type StructOpsTarget, updateStructOps } from './struct-ops'
export { attachTc, queryTc, type TcState, type TcTarget } from './tc'
export type { Direction, ForeignFilter, TcFilter } from './tc-netlink'
export { attachTracepoint, parseTracepointTarget, queryTracepoint, type TracepointTarget } from './tracepoint'
export { attachTracing, type TracingTarget } from './tracing'
export { attachTracingMulti, type TracingMultiTarget } from './tracing-multi'
export type { PlaceInBinary, ProbePoint } from './uprobe/functions'
export { attachUprobe, type UprobeTarget } from './uprobe/uprobe'
export { UsdtArgumentError } from './usdt/arguments'
export { type UsdtMaps, UsdtSpecError, UsdtSpecs } from './usdt/specs'
export { attachUsdt, type UsdtTarget } from './usdt/usdt'
export { type AttachedXdp, attachXdp, queryXdp, type XdpTarget } from './xdp'
export { dispatcherVersion, encodeDispatcherConfig, maxDispatched } from './xdp-dispatcher/config'
export type { LoadDispatcher } from './xdp-dispatcher/dispatcher'
export { type RunConfig, readRunConfig, type XdpAction, xdpActions } from './xdp-dispatcher/run-config'
export {
  attachXdpDispatched,
  type Dispatched,
  type DispatchedTarget,
  detachXdpDispatched,
  queryXdpDispatcher,
  type XdpDispatcher,
} from './xdp-dispatcher/xdp-dispatched'
export type { XdpMode } from './xdp-netlink'
