import { accessSync, constants, readFileSync } from 'node:fs'
import type { LoadPlan } from '@bpf/object'
import { type CapabilityName, hasCapability, ProgType, parseProcessRights, requiredCapabilities } from '@bpf/sys'
import { ExitCode, type Io } from '@bpf/terminal'

/** What this process lacks to carry a plan out, in words; empty when nothing is known to be missing. */
export function missingPrivileges(plan: LoadPlan): string[] {
  const rights = parseProcessRights(readFileSync('/proc/self/status', 'utf8'))
  if (rights === undefined) return []
  const needed = neededCapabilities(plan)
  const missing = [...needed].filter(name => !hasCapability(rights, name)).map(name => `${name} (${purpose[name] ?? 'loading'})`)
  if (needsTracefs(plan) && missing.length > 0 && !canReadTracefs())
    missing.push('read access to tracefs, /sys/kernel/tracing (tracepoints)')
  return missing
}

/** Says what is missing. Returns the exit code. */
export function explainMissing(missing: readonly string[], io: Io): number {
  io.note('')
  io.note(`${io.style('red', 'error:')} this user may not load it. Missing:`)
  for (const item of missing) io.note(`  ${item}`)
  io.note(`  ${io.style('cyan', 'hint:')} run the same command as root, e.g. with sudo`)
  return ExitCode.Unavailable
}

const purpose: Partial<Record<CapabilityName, string>> = {
  CAP_BPF: 'creating maps and loading programs',
  CAP_PERFMON: 'tracing programs',
  CAP_NET_ADMIN: 'networking programs',
}

function neededCapabilities(plan: LoadPlan): ReadonlySet<CapabilityName> {
  const needed = new Set<CapabilityName>(plan.maps.length > 0 ? requiredCapabilities('BPF_MAP_CREATE', {}) : [])
  for (const program of plan.programs) {
    if (program.error !== undefined) continue
    for (const name of requiredCapabilities('BPF_PROG_LOAD', { progType: program.type })) needed.add(name)
  }
  return needed
}

function needsTracefs(plan: LoadPlan): boolean {
  return plan.programs.some(program => program.error === undefined && program.type === ProgType.Tracepoint)
}

function canReadTracefs(): boolean {
  try {
    accessSync('/sys/kernel/tracing/events', constants.R_OK)
    return true
  } catch {
    return false
  }
}
