import { join } from 'node:path'
import { BpfError } from '@bpf/bytes'
import { Errno, isSyscallError, OpenFlag, type OwnedFd, openFile, type Sys, writeFd } from '@bpf/sys'
import type { AttachContext } from './context'
import { isLeftOver, ownerTag } from './leftover/owner-tag'
import { MissingInterfaceError } from './ways'

/** Where tracefs takes definitions of events, a line each (Documentation/trace/kprobetrace.rst, uprobetracer.rst). */
export type EventFile = 'kprobe_events' | 'uprobe_events'

/** An event that we made, for perf_event_open with `PerfType.Tracepoint`. */
export interface TracefsEvent {
  readonly id: number
  /** Takes it away; every perf event on it must be closed. */
  remove(): void
}

const group = 'bpfts'
const O_APPEND = 0o2000

/**
 * Makes an event. Its name says whose it is, since it outlives a process that is killed; what such processes left is removed
 * on the way. `define` gets `GROUP/NAME` and returns the line.
 *
 * @throws MissingInterfaceError if the kernel has no such events, SyscallError
 */
export function addTracefsEvent(context: AttachContext, file: EventFile, define: (name: string) => string): TracefsEvent {
  const { sys, kernel } = context
  sweepTracefsEvents(context, file)
  const tracefs = kernel.ensureTracefs()
  const name = `${ownerTag(kernel.files)}_${process.hrtime.bigint().toString(36)}`
  const path = join(tracefs, file)
  const removal = `-:${group}/${name}`
  using definitions = openDefinitions(sys, path)
  write(sys, path, definitions, define(`${group}/${name}`))
  try {
    const id = kernel.files.text(join(tracefs, 'events', group, name, 'id'))
    if (id === undefined) throw new MissingInterfaceError(`${tracefs} does not show the event that was made`)
    return { id: Number(id), remove: () => writeOnce(sys, path, removal) }
  } catch (error) {
    write(sys, path, definitions, removal)
    throw error
  }
}

/** Events of ours that their owners left when they were killed; removed. @throws SyscallError */
export function sweepTracefsEvents(context: AttachContext, file: EventFile): readonly string[] {
  return leftTracefsEvents(context, file).filter(name => removeTracefsEvent(context, file, name))
}

/** Events of ours whose owners have ended. @throws SyscallError */
export function leftTracefsEvents({ kernel }: AttachContext, file: EventFile): readonly string[] {
  const path = join(kernel.ensureTracefs(), file)
  return eventNames(kernel.files.text(path) ?? '').filter(name => isLeftOver(kernel.files, name))
}

/** Takes an event away by its name; whether it was there and not in use. @throws SyscallError */
export function removeTracefsEvent({ sys, kernel }: AttachContext, file: EventFile, name: string): boolean {
  try {
    writeOnce(sys, join(kernel.ensureTracefs(), file), `-:${name}`)
    return true
  } catch (error) {
    // Still in use by somebody who opened it, or swept by another process meanwhile.
    if (isSyscallError(error, Errno.EBUSY, Errno.ENOENT)) return false
    throw error
  }
}

/** `GROUP/NAME` of each line. */
export function eventNames(definitions: string): readonly string[] {
  return [...definitions.matchAll(/^[pr]\d*:(\S+)/gm)].map(match => String(match[1]))
}

function writeOnce(sys: Sys, path: string, line: string): void {
  using definitions = openDefinitions(sys, path)
  write(sys, path, definitions, line)
}

function openDefinitions(sys: Sys, path: string): OwnedFd {
  try {
    return openFile(sys, path, OpenFlag.Wronly | O_APPEND)
  } catch (error) {
    if (isSyscallError(error, Errno.ENOENT)) throw new MissingInterfaceError(`this kernel has no ${path}`)
    throw error
  }
}

function write(sys: Sys, path: string, { fd }: OwnedFd, line: string): void {
  const text = new TextEncoder().encode(`${line}\n`)
  // A write is one command up to the line's end, so it must be one piece.
  if (text.byteLength >= sys.native.pageSize) throw new BpfError('ERR_BPF_TRACEFS_LINE', `${line.slice(0, 80)}… is too long for ${path}`)
  writeFd(sys, fd, text)
}
