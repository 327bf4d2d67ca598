import type { PerfEvent } from '@bpf/attach'
import { BpfError } from '@bpf/bytes'
import type { PerCpuMap } from '@bpf/maps'
import { getMap, getProgram, readObject } from '@bpf/object'
import { Errno, type Fd, isSyscallError, type OwnedFd, perfEventOpen } from '@bpf/sys'
import type { Context } from '../context'
import type { LoadedObject } from '../loaded-object'
import { BpfObject } from '../open'
import { runCountersObject } from './run-counters-object'

/** What to count while a program runs. */
export interface ProfileCounter {
  /** For messages: `cycles`. */
  readonly name: string
  readonly event: PerfEvent
}

/** What a counter came to, over all runs on all CPUs. */
export interface CounterReading {
  readonly value: bigint
  /** Nanoseconds that it was wanted, and that it did count: less where counters take turns. */
  readonly enabled: bigint
  readonly running: bigint
}

/** Counts from when it is made until it is closed. */
export interface ProgramProfile extends Disposable {
  /** Runs that were counted, and the counters in the order in which they were given. @throws SyscallError */
  read(): { readonly runs: bigint; readonly counters: readonly CounterReading[] }
  /** Idempotent. */
  close(): void
}

/** As the counting programs know it: MAX_COUNTERS in run-counters.bpf.c. */
export const maxCounters = 16

/**
 * Counts what perf events count while a loaded program runs, by programs at its beginning and end (fentry and fexit, 5.5). The
 * program needs BTF; `entry` is its first function, the program's name unless given.
 *
 * @throws CounterError if this machine has no such counter; LoadError, VerifierError, AttachError where functions cannot be patched
 */
export function profileProgram(
  context: Context,
  target: { readonly fd: Fd; readonly entry: string },
  counters: readonly ProfileCounter[],
): ProgramProfile {
  const cpus = context.kernel.onlineCpus()
  const width = Math.max(...cpus) + 1
  const closing: Disposable[] = []
  const close = () => {
    for (const each of closing.splice(0).toReversed()) each[Symbol.dispose]()
  }
  try {
    const events = counters.map(counter =>
      cpus.map(cpu => {
        const event = openCounter(context, counter, cpu)
        closing.push(event)
        return { cpu, event }
      }),
    )
    const object = load(context, target, { counters: counters.length, width })
    closing.push(object)
    const slots = object.map('events', 'perfEventArray')
    for (const [i, perCpu] of events.entries()) for (const { cpu, event } of perCpu) slots.set(i * width + cpu, event)
    // What ends first and begins later counts no run that it saw only half of.
    for (const name of ['on_end', 'on_begin']) closing.push(attach(object, name))
    return { close, [Symbol.dispose]: close, read: () => read(object, counters.length) }
  } catch (error) {
    close()
    throw error
  }
}

function load(
  context: Context,
  { fd, entry }: { readonly fd: Fd; readonly entry: string },
  { counters, width }: { readonly counters: number; readonly width: number },
): LoadedObject {
  const spec = readObject(Buffer.from(runCountersObject, 'base64'), { name: 'run_counters' })
  getMap(spec, 'events').maxEntries = counters * width
  for (const name of ['on_begin', 'on_end']) Object.assign(getProgram(spec, name), { attachTarget: entry, attachToProgram: true })
  const programs = { on_begin: { targetProgram: fd }, on_end: { targetProgram: fd } }
  return new BpfObject(spec, context).set('counters', counters).set('cpus', width).load({ programs })
}

/** What to is fixed when it is loaded. @throws AttachError */
function attach(object: LoadedObject, name: string): Disposable {
  const attachment = object.program(name).attach()
  if (attachment.kind === 'attached') return attachment.link
  throw new BpfError('ERR_BPF_ATTACH', `${name} cannot be attached: ${attachment.reason}`)
}

function openCounter({ sys }: Context, { name, event }: ProfileCounter, cpu: number): OwnedFd {
  try {
    return perfEventOpen(sys, { ...event, pid: -1, cpu })
  } catch (error) {
    if (!isSyscallError(error, Errno.ENOENT, Errno.EOPNOTSUPP, Errno.ENODEV, Errno.EINVAL)) throw error
    throw new CounterError(name, error)
  }
}

/** Why this machine cannot count something; undefined if it can. @throws SyscallError if that may not be asked */
export function missingCounter(context: Context, counter: ProfileCounter): CounterError | undefined {
  const [cpu = 0] = context.kernel.onlineCpus()
  try {
    openCounter(context, counter, cpu).close()
    return undefined
  } catch (error) {
    if (error instanceof CounterError) return error
    throw error
  }
}

interface Reading {
  readonly counter: bigint
  readonly enabled: bigint
  readonly running: bigint
}

function read(object: LoadedObject, count: number): ReturnType<ProgramProfile['read']> {
  const totals = object.map('totals') as PerCpuMap<number, Reading>
  const runs = (object.map('runs') as PerCpuMap<number, bigint>).get(0) ?? []
  const counters = Array.from({ length: count }, (_, i) => {
    const parts = totals.get(i) ?? []
    return { value: sum(parts, part => part.counter), enabled: sum(parts, part => part.enabled), running: sum(parts, part => part.running) }
  })
  return { runs: sum(runs, run => run), counters }
}

function sum<T>(parts: readonly T[], of: (part: T) => bigint): bigint {
  return parts.reduce((total, part) => total + of(part), 0n)
}

/** This machine cannot count that. */
export class CounterError extends BpfError {
  override readonly name = 'CounterError'
  readonly counter: string

  constructor(counter: string, cause: unknown) {
    super('ERR_BPF_UNSUPPORTED', `this machine has no counter for ${counter}`, {
      cause,
      hint: 'virtual machines often have no hardware counters',
    })
    this.counter = counter
  }
}
