import { type CapabilityName, hasCapability, inUserNamespace, type ProcessRights, parseProcessRights, type ReadText } from './capabilities'
import { AttachType } from './constants/attach-type'
import { MapType } from './constants/map-type'
import { snakeName } from './constants/names'
import { ProgType } from './constants/program-type'
import { Errno } from './errno'
import type { Attributes } from './trace'

/**
 * Why the kernel may have said EPERM or EACCES, judged by what this process lacks: a capability, what its token delegates,
 * the initial user namespace, freedom from seccomp or lockdown, locked memory. Undefined when nothing tells.
 */
export function permissionHint(operation: string, errno: number, attributes: Attributes, readText: ReadText): string | undefined {
  if (errno !== Errno.EPERM && errno !== Errno.EACCES) return undefined
  const rights = parseProcessRights(readText('/proc/self/status') ?? '')
  if (rights === undefined) return undefined
  const missing = requiredCapabilities(operation, attributes).filter(name => !hasCapability(rights, name))
  if (missing.length > 0)
    return `this process lacks ${missing.join(' and ')}: run it as root, or grant ${missing.length > 1 ? 'them' : 'it'}`
  // A program the verifier rejects is EACCES too, and has nothing to do with rights.
  if (errno === Errno.EACCES) return operation === 'perf_event_open' ? perfEventHint(attributes, rights, readText) : undefined
  const delegation = delegationThatLacks(operation, attributes)
  if (delegation !== undefined) return `the token does not delegate that: its bpf file system must be mounted with ${delegation}`
  if (inUserNamespace(readText))
    return 'this process is in a user namespace, whose capabilities do not count for bpf(2): use the initial one, or a BPF token'
  if (/\[(integrity|confidentiality)\]/.test(readText('/sys/kernel/security/lockdown') ?? '')) {
    return 'the kernel is locked down (/sys/kernel/security/lockdown): boot with lockdown=none, or disable Secure Boot'
  }
  if (rights.seccompFilter) return 'a seccomp filter, as containers install, may forbid the call: allow it in the container profile'
  if (chargesLockedMemory(operation, readText)) {
    return 'kernels before 5.11 charge BPF memory to RLIMIT_MEMLOCK: raise it (ulimit -l unlimited)'
  }
  return undefined
}

/** Kernels of Debian and Ubuntu know values above 2, which leave perf events to CAP_SYS_ADMIN; all leave it uprobes by path. */
function perfEventHint({ config1 }: Attributes, rights: ProcessRights, readText: ReadText): string | undefined {
  if (hasCapability(rights, 'CAP_SYS_ADMIN')) return undefined
  const paranoid = Number(readText('/proc/sys/kernel/perf_event_paranoid') ?? 0)
  if (paranoid > 2)
    return `kernel.perf_event_paranoid is ${paranoid}, so that CAP_PERFMON is not enough: set it to 2 (sysctl kernel.perf_event_paranoid=2), or grant CAP_SYS_ADMIN`
  return typeof config1 === 'string' && config1.startsWith('/') ? 'uprobes take CAP_SYS_ADMIN: grant it, or run as root' : undefined
}

/** Capabilities that a command needs beyond those every process has. */
export function requiredCapabilities(operation: string, attributes: Attributes): readonly CapabilityName[] {
  const { progType, attachType, mapType } = attributes
  if (operation === 'BPF_MAP_CREATE' && networkMaps.has(mapType)) return ['CAP_BPF', 'CAP_NET_ADMIN']
  if (operation === 'BPF_PROG_LOAD') return ['CAP_BPF', ...capabilitiesOfProgType(progType)]
  if (operation === 'BPF_LINK_CREATE' || operation === 'BPF_PROG_ATTACH') return capabilitiesOfAttachType(attachType)
  return capabilitiesOfOperation[operation] ?? (/^BPF_\w+_GET_(NEXT|FD_BY)_ID$/.test(operation) ? ['CAP_SYS_ADMIN'] : [])
}

/** Maps of sockets and devices. */
const networkMaps: ReadonlySet<unknown> = new Set([MapType.Sockmap, MapType.Sockhash, MapType.Devmap, MapType.DevmapHash, MapType.Xskmap])

const capabilitiesOfOperation: Readonly<Record<string, readonly CapabilityName[]>> = {
  BPF_MAP_CREATE: ['CAP_BPF'],
  BPF_BTF_LOAD: ['CAP_BPF'],
  BPF_RAW_TRACEPOINT_OPEN: ['CAP_PERFMON'],
  BPF_ENABLE_STATS: ['CAP_SYS_ADMIN'],
  BPF_TASK_FD_QUERY: ['CAP_SYS_ADMIN'],
  BPF_PROG_QUERY: ['CAP_NET_ADMIN'],
  perf_event_open: ['CAP_PERFMON'],
  mount: ['CAP_SYS_ADMIN'],
  setns: ['CAP_SYS_ADMIN'],
  unshare: ['CAP_SYS_ADMIN'],
}

const tracing: ReadonlySet<unknown> = new Set([
  ProgType.Kprobe,
  ProgType.Tracepoint,
  ProgType.PerfEvent,
  ProgType.RawTracepoint,
  ProgType.RawTracepointWritable,
  ProgType.Tracing,
  ProgType.Lsm,
  ProgType.StructOps,
  ProgType.Ext,
])
const unprivileged: ReadonlySet<unknown> = new Set([ProgType.SocketFilter, ProgType.Syscall, ProgType.Unspec, ProgType.LircMode2])

function capabilitiesOfProgType(progType: unknown): readonly CapabilityName[] {
  if (unprivileged.has(progType)) return []
  return tracing.has(progType) ? ['CAP_PERFMON'] : ['CAP_NET_ADMIN']
}

const tracingAttach: ReadonlySet<unknown> = new Set([
  AttachType.PerfEvent,
  AttachType.TraceRawTp,
  AttachType.TraceFentry,
  AttachType.TraceFexit,
  AttachType.ModifyReturn,
  AttachType.TraceIter,
  AttachType.LsmMac,
  AttachType.TraceKprobeMulti,
  AttachType.TraceKprobeSession,
  AttachType.TraceUprobeMulti,
  AttachType.TraceUprobeSession,
  AttachType.TraceFsession,
  AttachType.TraceFentryMulti,
  AttachType.TraceFexitMulti,
  AttachType.TraceFsessionMulti,
])

function capabilitiesOfAttachType(attachType: unknown): readonly CapabilityName[] {
  return tracingAttach.has(attachType) ? ['CAP_PERFMON'] : ['CAP_NET_ADMIN']
}

/** Mount options by which a call with a token would be allowed; undefined for one without. */
function delegationThatLacks(operation: string, attributes: Attributes): string | undefined {
  const { progType, expectedAttachType, mapType } = attributes
  if (operation === 'BPF_BTF_LOAD' && attributes['btfTokenFd']) return 'delegate_cmds=btf_load'
  if (operation === 'BPF_MAP_CREATE' && attributes['mapTokenFd']) {
    return `delegate_cmds=map_create and delegate_maps=${snakeName(MapType, Number(mapType))}`
  }
  if (operation !== 'BPF_PROG_LOAD' || !attributes['progTokenFd']) return undefined
  const [type, attachType] = [snakeName(ProgType, Number(progType)), snakeName(AttachType, Number(expectedAttachType))]
  return `delegate_cmds=prog_load, delegate_progs=${type} and delegate_attachs=${attachType}`
}

function chargesLockedMemory(operation: string, readText: ReadText): boolean {
  if (!/^BPF_(MAP_CREATE|PROG_LOAD|BTF_LOAD)$/.test(operation)) return false
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(readText('/proc/sys/kernel/osrelease') ?? '') ?? []
  const limited = !/^Max locked memory\s+unlimited/m.test(readText('/proc/self/limits') ?? 'Max locked memory unlimited')
  return major !== undefined && Number(major) * 1000 + Number(minor) < 5011 && limited
}
