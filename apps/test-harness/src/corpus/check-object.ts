import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BpfError } from '@bpf/bytes'
import { type BpfObject, type Context, objectName, open } from '@bpf/loader'
import type { BaselineEntry } from './baseline'
import { applyFixes, compareAlone, compareWhole, RefusedHere } from './compare-load'
import { compareOpen } from './compare-open'
import type { Difference, Fact } from './difference'

/** What became of one object. */
export interface ObjectResult {
  readonly entry: BaselineEntry
  readonly differences: readonly Difference[]
  /** Comparisons made: reading, whole loads, programs by themselves. */
  readonly checks: number
  /** No libbpf opens it: the typed error that we give, or undefined when we read it. */
  readonly refusal: string | undefined
}

/** Reads an object of the corpus, loads what libbpf could load, and compares. */
export function checkObject(directory: string, entry: BaselineEntry, context: Context): ObjectResult {
  const bytes = readFileSync(join(directory, 'objects', entry.path))
  const reopen = (): BpfObject => open(bytes, { name: objectName(entry.path), context })
  if (!entry.opens) return { entry, differences: [], checks: 1, refusal: refusalOf(reopen) }

  const differences: Difference[] = []
  let checks = 0
  const check = (stage: Difference['stage'], subject: string, compare: () => readonly Fact[]) => {
    checks++
    const { path: object, group, verdict } = entry
    differences.push(...factsOrError(subject, compare).map(fact => ({ object, group, verdict, stage, ...fact })))
  }

  check('open', 'object', () => compareOpen(entry, reopen().spec))
  if (entry.load.ok) check('load', 'object', () => compareWhole(entry, reopen()))
  for (const program of entry.alone.filter(p => p.ok)) {
    check('alone', `program ${program.name}`, () => compareAlone(program, reopen()))
  }
  const fixed = entry.with_map_fixups
  for (const program of fixed?.alone?.filter(p => p.ok) ?? []) {
    check('fixed', `program ${program.name}`, () => {
      const object = reopen()
      applyFixes(object, fixed?.fixes ?? [])
      return compareAlone(program, object)
    })
  }
  return { entry, differences, checks, refusal: undefined }
}

function factsOrError(subject: string, compare: () => readonly Fact[]): readonly Fact[] {
  try {
    return compare()
  } catch (error) {
    const isRefused = error instanceof RefusedHere
    return [{ subject, fact: isRefused ? 'refused' : 'error', expected: 'none', actual: describe(isRefused ? error.cause : error) }]
  }
}

function refusalOf(read: () => unknown): string | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    return describe(error)
  }
}

/** One line; what is no BpfError is a fault of ours and says so. */
function describe(error: unknown): string {
  const text = error instanceof Error ? error.message.split('\n')[0] : String(error)
  const cause = error instanceof BpfError && error.cause instanceof BpfError ? ` (${error.cause.message.split('\n')[0]})` : ''
  return error instanceof BpfError
    ? `${error.code}: ${text}${cause}`
    : `not a BpfError: ${error instanceof Error ? error.name : ''}: ${text}`
}
