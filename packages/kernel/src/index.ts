/**
 * Facts about the running kernel: BTF, kallsyms, kconfig, tracefs, CPUs, feature probes, loaded BPF objects.
 *
 * @module @bpf/kernel
 */

export { existingAncestor, isBpffs, type PinObstacle, pinHint, pinObstacle } from './bpffs'
export { CpuListError, parseCpuList } from './cpus'
export { KernelFactError } from './errors'
export { Features, type KernelFeature, kernelFeatures } from './features/features'
export { lastHelper, noisyHelpers } from './features/helpers'
export type { Verdict } from './features/probe'
export type { Files, RandomAccess } from './files'
export { Kallsyms } from './kallsyms'
export type { KernelSymbol } from './kallsyms-lines'
export { type Kconfig, KconfigError, parseKconfig, readKconfig } from './kconfig'
export { Kernel, type KernelOptions, openKernel } from './kernel'
export { formatKernelVersion, kernelVersionOf, type VersionSources } from './kernel-version'
export { type Mount, parseMounts } from './mounts'
export { readLoadedBtf } from './objects/btf'
export { type FdInfo, parseFdInfo } from './objects/fd-info'
export { kindOfFd } from './objects/fd-kind'
export { findHolders, type Holder, type Holders, holdersOf } from './objects/holders'
export { listBtf, listLinks, listMaps, listPrograms } from './objects/list'
export { NotFoundError, openObjects, type Selector } from './objects/open'
export { listPins, type Pin } from './objects/pins'
export { fullProgramName } from './objects/program-name'
export { activityBetween, type ProgramActivity, startStatistics, statsEnabled } from './objects/statistics'
export { type Rights, readRights } from './rights'
export { readSettings, type Settings } from './settings'
