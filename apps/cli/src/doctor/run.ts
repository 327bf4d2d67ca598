import type { Leftover } from '@bpf/attach'
import { BpfError } from '@bpf/bytes'
import type { Io } from '@bpf/terminal'
import { ExitCode, toJson } from '@bpf/terminal'
import { type Check, type CheckGroup, isReady } from './check'
import { machineChecks } from './checks'
import type { Machine } from './machine'
import { printReport } from './print'
import { platformChecks } from './program'

export interface DoctorInvocation {
  readonly options: { readonly clean: boolean; readonly json: boolean }
  readonly io: Io
}

/** What `bpf doctor --json` prints. */
export interface DoctorDocument {
  readonly ready: boolean
  readonly checks: readonly (Check & { readonly group: string })[]
  /** What `--clean` took away. */
  readonly cleaned: readonly string[]
}

export async function runDoctor({ options, io }: DoctorInvocation): Promise<number> {
  const first = await open()
  const cleaned = options.clean && typeof first !== 'string' ? await clean(first.leftovers, io) : []
  const machine = cleaned.length > 0 ? await open() : first
  const groups: readonly CheckGroup[] = [platformChecks(machine), ...(typeof machine === 'string' ? [] : machineChecks(machine))]
  const ready = isReady(groups)
  if (options.json) {
    const checks = groups.flatMap(({ title, checks }) => checks.map(line => ({ group: title, ...line })))
    io.out(toJson({ ready, checks, cleaned } satisfies DoctorDocument))
  } else printReport(groups, io)
  return ready ? ExitCode.Ok : ExitCode.Unavailable
}

/** The packages that make system calls cannot even be imported on other systems: a text says why. */
async function open(): Promise<Machine | string> {
  try {
    const { readMachine } = await import('./machine')
    return readMachine()
  } catch (error) {
    if (error instanceof BpfError && error.code !== 'ERR_BPF_PLATFORM') throw error
    return error instanceof Error ? error.message : String(error)
  }
}

/** Nothing can be left where nothing can be loaded. */
async function clean(leftovers: readonly Leftover[] | string, io: Io): Promise<readonly string[]> {
  if (typeof leftovers === 'string') return []
  const { takeAway } = await import('../leftovers')
  return takeAway(leftovers, io)
}
