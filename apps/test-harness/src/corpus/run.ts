import { createContext } from '@bpf/loader'
import type { Io } from '@bpf/terminal'
import { readBaseline } from './baseline'
import { checkObject } from './check-object'
import { formatReport, unexplainedCount } from './report'

/** Checks every object of the corpus, prints the report, and returns the number of differences without an explanation. */
export function runCorpus(directory: string, options: { readonly only: string | undefined; readonly all: boolean }, io: Io): number {
  const entries = readBaseline(directory).filter(entry => options.only === undefined || entry.path.includes(options.only))
  const context = createContext()
  const started = performance.now()
  const results = entries.map(entry => checkObject(directory, entry, context))
  for (const line of formatReport(results, options)) io.out(line)
  const unexplained = unexplainedCount(results)
  const failed = results.filter(result => result.differences.length > 0).length
  io.note(
    `${entries.length} objects in ${((performance.now() - started) / 1000).toFixed(1)} s, ${entries.length - failed} without any difference`,
  )
  return unexplained
}
