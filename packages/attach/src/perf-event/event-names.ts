import { type PerfEventOptions, PerfHardware, PerfSoftware, PerfType } from '@bpf/sys'

/** What to count, as `perf_event_open` takes it. */
export type PerfEvent = Pick<PerfEventOptions, 'type' | 'config' | 'bpType' | 'config1' | 'config2'>

const { Software, Hardware, HwCache, Breakpoint } = PerfType
const software = (config: number): PerfEvent => ({ type: Software, config })
const hardware = (config: number): PerfEvent => ({ type: Hardware, config })

/** The names of perf(1). */
const named: Readonly<Record<string, PerfEvent>> = {
  'cpu-clock': software(PerfSoftware.CpuClock),
  'task-clock': software(PerfSoftware.TaskClock),
  'page-faults': software(PerfSoftware.PageFaults),
  faults: software(PerfSoftware.PageFaults),
  'minor-faults': software(PerfSoftware.PageFaultsMin),
  'major-faults': software(PerfSoftware.PageFaultsMaj),
  'context-switches': software(PerfSoftware.ContextSwitches),
  cs: software(PerfSoftware.ContextSwitches),
  'cgroup-switches': software(PerfSoftware.CgroupSwitches),
  'cpu-migrations': software(PerfSoftware.CpuMigrations),
  migrations: software(PerfSoftware.CpuMigrations),
  'alignment-faults': software(PerfSoftware.AlignmentFaults),
  'emulation-faults': software(PerfSoftware.EmulationFaults),
  cycles: hardware(PerfHardware.CpuCycles),
  'cpu-cycles': hardware(PerfHardware.CpuCycles),
  instructions: hardware(PerfHardware.Instructions),
  'cache-references': hardware(PerfHardware.CacheReferences),
  'cache-misses': hardware(PerfHardware.CacheMisses),
  branches: hardware(PerfHardware.BranchInstructions),
  'branch-instructions': hardware(PerfHardware.BranchInstructions),
  'branch-misses': hardware(PerfHardware.BranchMisses),
  'bus-cycles': hardware(PerfHardware.BusCycles),
  'stalled-cycles-frontend': hardware(PerfHardware.StalledCyclesFrontend),
  'stalled-cycles-backend': hardware(PerfHardware.StalledCyclesBackend),
  'ref-cycles': hardware(PerfHardware.RefCpuCycles),
}

/** `enum perf_hw_cache_id` and its companions: cache | operation << 8 | result << 16. */
const caches: readonly string[] = ['L1-dcache', 'L1-icache', 'LLC', 'dTLB', 'iTLB', 'branch', 'node']
const operations: readonly string[] = ['load', 'store', 'prefetch']

/** Conditions of `bp_type` (include/uapi/linux/hw_breakpoint.h). */
const access: Readonly<Record<string, number>> = { r: 1, w: 2, x: 4 }

/** Every name without parts that vary, for "did you mean". */
export const perfEventNames: readonly string[] = [
  ...Object.keys(named),
  ...caches.flatMap(cache =>
    operations.flatMap(operation => [`${cache}-${operation}${operation.endsWith('h') ? 'es' : 's'}`, `${cache}-${operation}-misses`]),
  ),
]

/**
 * What a name of perf(1) stands for: `cpu-clock`, `cycles`, `LLC-load-misses`, `r01c2` (raw, in hexadecimal),
 * `mem:0x7ffd1000/4:rw` (a breakpoint: address, length, access). Undefined for names that mean nothing.
 */
export function parsePerfEvent(text: string): PerfEvent | undefined {
  if (Object.hasOwn(named, text)) return named[text]
  return parseCacheEvent(text) ?? parseRaw(text) ?? parseBreakpoint(text)
}

function parseCacheEvent(text: string): PerfEvent | undefined {
  const [, cache, operation, misses] = /^(\S+?)-(load|store|prefetch)(?:(-misses)|e?s)$/.exec(text) ?? []
  const cacheId = caches.indexOf(cache ?? '')
  if (cacheId === -1) return undefined
  const operationId = operations.indexOf(operation ?? '')
  return { type: HwCache, config: cacheId | (operationId << 8) | ((misses === undefined ? 0 : 1) << 16) }
}

function parseRaw(text: string): PerfEvent | undefined {
  const [, digits] = /^r([0-9a-f]{1,16})$/.exec(text) ?? []
  return digits === undefined ? undefined : { type: PerfType.Raw, config: BigInt(`0x${digits}`) }
}

function parseBreakpoint(text: string): PerfEvent | undefined {
  const [, address, length = '4', how = 'rw'] = /^mem:(0x[0-9a-f]+|\d+)(?:\/([1248]))?(?::([rwx]+))?$/i.exec(text) ?? []
  if (address === undefined) return undefined
  return breakpoint({ address: BigInt(address), length: Number(length), access: how })
}

export interface BreakpointOptions {
  /** In the memory of the process, or of the kernel. */
  readonly address: bigint
  /** Bytes: 1, 2, 4 or 8. */
  readonly length: number
  /** `r`, `w`, `x` or several of them; processors have no `r` alone, and `x` goes with nothing else. */
  readonly access: string
}

export function breakpoint({ address, length, access: how }: BreakpointOptions): PerfEvent {
  const bpType = [...how].reduce((bits, letter) => bits | (access[letter] ?? 0), 0)
  // The length of an instruction is that of a long.
  return { type: Breakpoint, config: 0, bpType, config1: address, config2: how === 'x' ? 8 : length }
}
