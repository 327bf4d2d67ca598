import { spawn } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KernelReport, RunEvent } from '../results'
import { type Job, type Message, MessageReader } from './job'
import { KernelProgress } from './kernel-progress'
import type { FoundScenario } from './load-scenarios'

export interface HostRun {
  readonly job: Omit<Job, 'kernel' | 'modules' | 'from'>
  readonly scenarios: readonly FoundScenario[]
  /** The runner. */
  readonly runner: string
  /** File that gets what the process prints. */
  readonly console: string
  readonly signal: AbortSignal
  readonly onEvent: (event: RunEvent) => void
}

/** Runs scenarios on this kernel, in a process of their own. @throws what `signal` was aborted with */
export async function runOnHost({ job, scenarios, runner, console, signal, onEvent }: HostRun): Promise<KernelReport> {
  const progress = new KernelProgress('host', scenarios, onEvent)
  const scratch = mkdtempSync(join(tmpdir(), 'bpf-test-'))
  try {
    const jobFile = join(scratch, 'job.json')
    writeFileSync(jobFile, JSON.stringify({ ...job, kernel: 'host', from: 0, modules: undefined } satisfies Job))
    progress.boot()
    const code = await runProcess({ runner, jobFile, console, signal }, message => progress.take(message))
    signal.throwIfAborted()
    const error = code === 0 ? undefined : `the runner ended with ${code}, see ${console}`
    if (error !== undefined) progress.crash(error)
    return progress.end({ runsOn: 'host', error, console })
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

interface HostProcess extends Pick<HostRun, 'runner' | 'console' | 'signal'> {
  readonly jobFile: string
}

/** Stopped, it cleans up after the scenario that it is at. */
function runProcess({ runner, jobFile, console, signal }: HostProcess, onMessage: (message: Message) => void): Promise<number | string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--enable-source-maps', runner, jobFile], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] })
    const stop = () => void child.kill()
    signal.addEventListener('abort', stop)
    const log = createWriteStream(console)
    const reader = new MessageReader()
    child.stdout?.pipe(log, { end: false })
    child.stderr?.pipe(log, { end: false })
    child.stdio[3]?.on('data', (chunk: Buffer) => {
      for (const message of reader.read(chunk.toString('utf8'))) onMessage(message)
    })
    child.on('error', reject)
    child.on('close', (code, killedBy) => {
      signal.removeEventListener('abort', stop)
      log.end()
      resolve(code ?? killedBy ?? 'no status')
    })
  })
}
