import type { Result } from '../results'

/** Where scenarios come from. Paths are those of the machine that runs them. */
export type ScenarioSource =
  | { readonly kind: 'bundled'; readonly objects: string }
  /** A module that exports scenarios; objects are relative to `base`. */
  | { readonly kind: 'module'; readonly path: string; readonly base: string }
  /** An object by itself: a scenario is made for each of its programs. */
  | { readonly kind: 'object'; readonly path: string; readonly name: string }
  /** An object whose programs' verification is measured. */
  | { readonly kind: 'statistics'; readonly path: string }

/** Number `index` of `count`, from 0. */
export interface Share {
  readonly index: number
  readonly count: number
}

export const everything: Share = { index: 0, count: 1 }

/** Each of `all` is part of one share. */
export function partOf<T>(all: readonly T[], { index, count }: Share): readonly T[] {
  return all.filter((_, at) => at % count === index)
}

/** What one kernel is asked to do. */
export interface Job {
  readonly kernel: string
  readonly sources: readonly ScenarioSource[]
  /** Only scenarios whose name or family contains one of these; all unless given. */
  readonly only: readonly string[]
  /** Where the files of the host are: below this directory in a guest, `/` on the host. */
  readonly root: string
  /** Which of the run's emulated guests this is: cases that take long there are divided among them. */
  readonly share: Share
  /** Skips this many, which a guest did before it crashed. */
  readonly from: number
  /** Modules that the kernel was built with; undefined where that is not known. */
  readonly modules: readonly string[] | undefined
}

/** What the runner says, one JSON line each. */
export type Message =
  | { readonly kind: 'hello'; readonly release: string; readonly count: number }
  | { readonly kind: 'start'; readonly index: number; readonly scenario: string; readonly family: string }
  | { readonly kind: 'result'; readonly index: number; readonly result: Result }
  | { readonly kind: 'done' }

/** Takes lines apart as they arrive; what is no message, such as noise of a serial line, is left out. */
export class MessageReader {
  #rest = ''

  read(chunk: string): readonly Message[] {
    const lines = (this.#rest + chunk).split('\n')
    this.#rest = lines.pop() ?? ''
    return lines.flatMap(line => parseMessage(line))
  }
}

const kinds: ReadonlySet<string> = new Set(['hello', 'start', 'result', 'done'] satisfies Message['kind'][])

function parseMessage(line: string): readonly Message[] {
  try {
    const value: unknown = JSON.parse(line.slice(line.indexOf('{')))
    return isMessage(value) ? [value] : []
  } catch {
    return []
  }
}

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && 'kind' in value && kinds.has(String(value.kind))
}
