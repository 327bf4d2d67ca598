/** Capabilities that BPF and tracing need, by bit (include/uapi/linux/capability.h). */
export const Capability = {
  CAP_DAC_OVERRIDE: 1,
  CAP_DAC_READ_SEARCH: 2,
  CAP_NET_ADMIN: 12,
  CAP_NET_RAW: 13,
  CAP_IPC_LOCK: 14,
  CAP_SYS_PTRACE: 19,
  CAP_SYS_ADMIN: 21,
  CAP_SYS_RESOURCE: 24,
  CAP_SYSLOG: 34,
  /** Since 5.8; before, CAP_SYS_ADMIN. */
  CAP_PERFMON: 38,
  /** Since 5.8; before, CAP_SYS_ADMIN. */
  CAP_BPF: 39,
} as const
export type CapabilityName = keyof typeof Capability

/** Reads a text file; undefined when it cannot. */
export type ReadText = (path: string) => string | undefined

/** What `/proc/self/status` says about the rights of this process; undefined when it cannot be read. */
export interface ProcessRights {
  /** The effective set, a bit each. */
  readonly effective: bigint
  /** It runs under a seccomp filter, as in most containers. */
  readonly seccompFilter: boolean
}

export function parseProcessRights(status: string): ProcessRights | undefined {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1]
  if (effective === undefined) return undefined
  return { effective: BigInt(`0x${effective}`), seccompFilter: /^Seccomp:\s*2$/m.test(status) }
}

/** CAP_SYS_ADMIN stands in for CAP_BPF, CAP_PERFMON and, in bpf(2), CAP_NET_ADMIN. */
const impliedBySysAdmin: ReadonlySet<CapabilityName> = new Set(['CAP_BPF', 'CAP_PERFMON', 'CAP_NET_ADMIN'])

export function hasCapability(rights: ProcessRights, name: CapabilityName): boolean {
  const has = (bit: number) => ((rights.effective >> BigInt(bit)) & 1n) === 1n
  return has(Capability[name]) || (impliedBySysAdmin.has(name) && has(Capability.CAP_SYS_ADMIN))
}

/** Whether this process is in another user namespace than the initial one, whose capabilities are those that count for bpf(2). */
export function inUserNamespace(readText: ReadText): boolean {
  const map = readText('/proc/self/uid_map')
  return map !== undefined && !/^\s*0\s+0\s+4294967295\s*$/.test(map)
}
