/**
 * Open, configure, load, attach and observe a BPF object from TypeScript.
 *
 * @module @bpf/loader
 */

// What types of maps and values are called: declarations of `ObjectTypes` need it.
export type {
  ArenaMap,
  BloomFilter,
  DescriptorMap,
  LocalStorage,
  MapHandle,
  MapOfMaps,
  PerCpuMap,
  PerfEventArrayMap,
  QueueMap,
  RawPrefix,
  RingbufMap,
  StackFrame,
  StructOpsMap,
  UserRingbufMap,
} from '@bpf/maps'
export type { AttachOptions, AttachReport, ProgramTargets } from './attach-all'
export type { RecordTypeChoice } from './codecs'
export type { CreatedMap } from './commit/created-map'
export type { LogPolicy } from './commit/program-log'
export type { StructOpsValue } from './commit/struct-ops'
export { type Context, type ContextOptions, createContext } from './context'
export { LoadError, type LoadErrorCode, type LoadStage, NotFoundError } from './errors'
export { findLeftovers } from './leftovers'
export { type CommitOptions, type Committed, commit } from './load'
export type { LoadEvent, LoadOptions, MapHook, ProgramOptions } from './load-options'
export { LoadedObject } from './loaded-object'
export { LoadedProgram, type ProgramInfo } from './loaded-program'
export type { ObjectTypes } from './object-types'
export { BpfObject, type OpenOptions, objectName, open } from './open'
export {
  CounterError,
  type CounterReading,
  maxCounters,
  missingCounter,
  type ProfileCounter,
  type ProgramProfile,
  profileProgram,
} from './profile/profile-program'
export type { EventOptions, EventRecord, RecordOptions } from './records'
export { type Runnable, type RunOptions, type RunResult, runProgram } from './test-run'
export type { Variable } from './variables'
export {
  parseVerifierLog,
  type VerifierDiagnosis,
  type VerifierLog,
  type VerifierSource,
  type VerifierStatistics,
  type VerifierStep,
} from './verifier/log'
export { type SourceLine, VerifierError } from './verifier/verifier-error'
export { type DispatchedXdp, dispatchXdp } from './xdp-dispatcher/dispatch-xdp'
