import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** The command as a user runs it: built, in a process of its own. */
export const bpf = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
export const isBuilt = existsSync(bpf)

/** What a process printed, so far or in all. */
export interface Output {
  readonly stdout: string
  readonly stderr: string
}

export interface Run extends Output {
  /** Null if a signal ended it. */
  readonly status: number | null
}

/** Runs the command to its end. */
export function run(...args: string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [bpf, ...args], { encoding: 'utf8', timeout: 30_000 })
}

export interface Until {
  /** What the command must have printed before it is ended: a condition, however long it takes. */
  readonly until: (output: Output) => boolean
  /** What it is to notice: done again and again, from the moment it says that it is attached. */
  readonly action?: (() => unknown) | undefined
  /** Ends it; SIGINT, as Ctrl-C does, unless given. */
  readonly signal?: NodeJS.Signals | undefined
}

/** `✓ link`: what is attached; then what is shown of it. */
const isRunning = ({ stderr }: Output) => /✓ events|this object delivers no events|✓ link/.test(stderr)
const pause = 20

/** Runs the command until it has printed what is expected, then ends it by a signal; or to its own end, if that comes first. */
export async function runUntil(args: readonly string[], { until, action, signal = 'SIGINT' }: Until): Promise<Run> {
  const child = spawn(process.execPath, [bpf, ...args])
  onTestFinished(() => void child.kill('SIGKILL'))
  const output = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) child[stream].setEncoding('utf8').on('data', text => (output[stream] += text))
  const closed = once(child, 'close')
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  while (!hasEnded() && !until(output)) {
    if (isRunning(output)) await action?.()
    await setTimeout(pause)
  }
  if (!hasEnded()) child.kill(signal)
  const [status] = await closed
  return { status, ...output }
}
