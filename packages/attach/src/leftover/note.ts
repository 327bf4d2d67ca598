import { randomUUID } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { exhaustionOf, type Fd, infoLayouts, objGetInfo } from '@bpf/sys'
import type { AttachContext } from '../context'
import type { LinkLabel } from '../link/link'
import { isLeftOver, ownerTag } from './owner-tag'
import { isPlace, type Place } from './place'

/**
 * Attachments that outlive a process and cannot bear its mark are noted in files, one each, before they are made: whoever
 * comes later can tell which of ours are left over. A note names the programs that may be attached, as their ids are used
 * again after a while, together with the time they were loaded.
 */
const usualDirectory = '/run/bpf-ts'
const suffix = '.json'
const largestNote = 1 << 16

/** A program, for as long as the machine runs. */
export interface NotedProgram {
  readonly id: number
  /** Nanoseconds since boot, decimal. */
  readonly loadTime: string
}

/** What a note says. */
export interface NoteContents {
  readonly program: string
  /** As a reader would name it. */
  readonly target: string
  readonly place: Place
  /** Those that may be attached: the present one, and during an update the next. None for struct_ops. */
  readonly programs: readonly NotedProgram[]
  /** Of a dispatcher: directories of pins, which nobody needs once it is not attached. */
  readonly pins: readonly string[]
}

/** A note that this process keeps. */
export interface Note {
  /** Says which programs may be attached from now on, and which directories of pins there may be. @throws SyscallError */
  write(programFds: readonly (number | undefined)[], pins?: readonly string[]): void
  remove(): void
}

/** Begins a note; nothing is written yet. Where the directory cannot be written, attaching goes on without. */
export function startNote(context: AttachContext, { program, target }: LinkLabel, place: Place): Note {
  const directory = noteDirectory(context)
  const id = randomUUID()
  let path: string | undefined
  return {
    write(programFds, pins = []) {
      path ??= join(directory, `${ownerTag(context.kernel.files)}_${id}${suffix}`)
      const programs = programFds.flatMap(fd => (fd === undefined ? [] : [notedProgram(context, fd)]))
      writeWhole(context, path, JSON.stringify({ program, target, place, programs, pins } satisfies NoteContents))
    },
    remove() {
      if (path !== undefined) rmSync(path, { force: true })
    },
  }
}

export function notedProgram({ sys }: AttachContext, fd: number): NotedProgram {
  const { id, loadTime } = objGetInfo(sys, fd as Fd, infoLayouts.progInfo, {})
  return { id, loadTime: String(loadTime) }
}

/** Whoever reads it finds all of it or nothing. @throws SyscallError if no file can be opened at all */
function writeWhole({ sys }: AttachContext, path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(`${path}.new`, text, { mode: 0o600 })
    renameSync(`${path}.new`, path)
  } catch (error) {
    const exhaustion = exhaustionOf(sys, error, path)
    if (exhaustion !== undefined) throw exhaustion
    if (!(error instanceof Error && 'code' in error)) throw error
  }
}

/** A note whose process has ended. */
export interface LeftNote extends NoteContents {
  remove(): void
}

/** The notes of processes that have ended. Files that say nothing, as a process that is killed may leave them, are removed. */
export function leftNotes(context: AttachContext): readonly LeftNote[] {
  const { files } = context.kernel
  const directory = noteDirectory(context)
  return files.list(directory).flatMap(name => {
    if (!isLeftOver(files, name)) return []
    const path = join(directory, name)
    const remove = () => rmSync(path, { force: true })
    const contents = name.endsWith(suffix) ? parseNote(files.text(path) ?? '') : undefined
    if (contents !== undefined) return [{ ...contents, remove }]
    remove()
    return []
  })
}

function noteDirectory({ runDirectory = usualDirectory }: AttachContext): string {
  return runDirectory
}

/** Undefined for what is no note. */
export function parseNote(text: string): NoteContents | undefined {
  if (text.length > largestNote) return undefined
  const value = parseJson(text)
  if (!isRecord(value)) return undefined
  const { program, target, place, programs, pins = [] } = value
  if (typeof program !== 'string' || typeof target !== 'string' || !isPlace(place)) return undefined
  if (!isListOf(programs, isNotedProgram) || !isListOf(pins, isText)) return undefined
  return { program, target, place, programs, pins }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isNotedProgram(value: unknown): value is NotedProgram {
  return isRecord(value) && typeof value['id'] === 'number' && typeof value['loadTime'] === 'string'
}

function isListOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isItem)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
