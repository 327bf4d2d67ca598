import { Capability, type CapabilityName, hasCapability, inUserNamespace, parseProcessRights } from '@bpf/sys'
import type { Files } from './files'
import { readSettings } from './settings'

/** What this process may do with BPF, and what stands in its way. */
export interface Rights {
  /** Capabilities it has, of those that matter. */
  readonly capabilities: readonly CapabilityName[]
  /** Those it lacks to load and attach any program. */
  readonly missing: readonly CapabilityName[]
  /** In a user namespace capabilities do not count for bpf(2). */
  readonly userNamespace: boolean
  /** A seccomp filter, as containers have, may forbid bpf(2). */
  readonly seccompFilter: boolean
  /** What to tell a user, a sentence each; empty when nothing is in the way. */
  readonly obstacles: readonly string[]
}

/** Loading (CAP_BPF), tracing (CAP_PERFMON), networking (CAP_NET_ADMIN), listing and opening by id (CAP_SYS_ADMIN). */
const wanted: readonly CapabilityName[] = ['CAP_BPF', 'CAP_PERFMON', 'CAP_NET_ADMIN', 'CAP_SYS_ADMIN']

export function readRights(files: Files): Rights {
  const rights = parseProcessRights(files.text('/proc/self/status') ?? '') ?? { effective: 0n, seccompFilter: false }
  const userNamespace = inUserNamespace(files.text)
  const missing = wanted.filter(name => !hasCapability(rights, name))
  const { lockdown } = readSettings(files)
  const obstacles: string[] = []
  if (missing.length > 0) obstacles.push(`this process lacks ${missing.join(', ')}: run it as root`)
  if (userNamespace)
    obstacles.push('this process is in a user namespace: bpf(2) asks for capabilities in the initial one, or for a BPF token')
  if (rights.seccompFilter) obstacles.push('this process runs under a seccomp filter, which may forbid bpf(2) and perf_event_open(2)')
  if (lockdown === 'confidentiality') obstacles.push('the kernel is locked down for confidentiality: programs may not read kernel memory')
  const capabilities = (Object.keys(Capability) as CapabilityName[]).filter(name => hasCapability(rights, name))
  return { capabilities, missing, userNamespace, seccompFilter: rights.seccompFilter, obstacles }
}
