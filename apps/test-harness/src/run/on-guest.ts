import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { baseArchive } from '../guest/base'
import { filesOf, writeInitrd } from '../guest/initrd'
import { boot } from '../guest/machine'
import { type Accelerator, bestAccelerator } from '../guest/qemu'
import type { KernelFiles } from '../kernels/kernel-files'
import { readModuleDirectory, readModules } from '../kernels/modules'
import type { KernelReport, RunEvent } from '../results'
import type { Job, Message } from './job'
import { KernelProgress } from './kernel-progress'
import type { FoundScenario } from './load-scenarios'

export interface GuestRun {
  readonly kernel: KernelFiles
  readonly job: Omit<Job, 'kernel' | 'modules' | 'from'>
  readonly scenarios: readonly FoundScenario[]
  readonly cache: string
  /** The files of the runner. */
  readonly runner: readonly string[]
  readonly console: string
  readonly signal: AbortSignal
  readonly onEvent: (event: RunEvent) => void
}

export const guestMegabytes = 1280
const limits = { boot: 120_000, silence: 180_000 } as const
/** Boots that came to nothing, and scenarios that took the kernel down, until we give up on a kernel. */
const crashesAllowed = { boot: 1, running: 5 } as const
/** What scenarios use besides Node. */
const usualCommands = ['ip']

/**
 * Runs scenarios in guests of one kernel: one guest unless it crashes. A scenario that takes the kernel down has failed, and a
 * new guest does the rest. @throws KernelImageError, what `signal` was aborted with
 */
export async function runOnGuest({ kernel, job, scenarios, cache, runner, console, signal, onEvent }: GuestRun): Promise<KernelReport> {
  const progress = new KernelProgress(kernel.name, scenarios, onEvent)
  const wanted = scenarios.flatMap(({ scenario }) => scenario.requires?.modules ?? [])
  const directory = readModuleDirectory(kernel.modules)
  const modules = readModules(directory, wanted)
  const present = [...modules.map(({ name }) => name), ...directory.builtIn]
  const commands = [...new Set([...usualCommands, ...scenarios.flatMap(({ scenario }) => scenario.requires?.commands ?? [])])]
  const base = baseArchive(cache, commands)
  const scratch = mkdtempSync(join(tmpdir(), 'bpf-test-'))
  const initrd = join(scratch, 'initrd')
  let accelerator: Accelerator = bestAccelerator()
  let error: string | undefined
  try {
    for (;;) {
      const full: Job = { ...job, kernel: kernel.name, from: progress.next, modules: present }
      writeInitrd(initrd, { base, runner, kernel, modules, job: full, files: filesOf(full, scenarios) })
      progress.boot()
      const onMessage = (message: Message) => progress.take(message)
      const machine = { image: kernel.image, initrd, accelerator, console, memoryMegabytes: guestMegabytes }
      const ending = await boot({ ...machine, onMessage, signal, bootLimit: limits.boot, silenceLimit: limits.silence })
      if (ending.kind === 'done') break
      if (ending.kind === 'failed') {
        error = ending.reason
        break
      }
      const { cameUp } = progress
      progress.crash(ending.reason)
      if (!cameUp && accelerator === 'kvm') accelerator = 'emulated'
      else if (progress.crashesInARow(cameUp) > crashesAllowed[cameUp ? 'running' : 'boot']) {
        error = `it crashed again and again: ${ending.reason}`
        break
      }
    }
  } finally {
    rmSync(scratch, { recursive: true })
  }
  return progress.end({ runsOn: accelerator, error, console })
}
