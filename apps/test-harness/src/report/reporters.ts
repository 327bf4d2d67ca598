import { type Io, roomOf } from '@bpf/terminal'
import type { Report, RunEvent } from '../results'
import { formatJson } from './json'
import { formatJunit } from './junit'
import { formatMatrix } from './matrix'
import { formatTap } from './tap'
import { titleOf } from './title'

/** Follows a run, and tells at its end what came of it. */
export interface Reporter {
  readonly event: (event: RunEvent) => void
  /** After `stop`. */
  readonly end: (report: Report) => void
  /** Ends the live view. */
  readonly stop: () => void
}

type Format = (report: Report, io: Io) => readonly string[]

const formats = {
  matrix: (report, io) => formatMatrix(report, io.style, roomOf(io)),
  json: report => [formatJson(report)],
  junit: report => [formatJunit(report)],
  tap: report => [formatTap(report)],
} as const satisfies Readonly<Record<string, Format>>

export type ReporterName = keyof typeof formats

export const reporterNames = Object.keys(formats) as readonly ReporterName[]

/** The report goes to stdout; how the run goes, to stderr: as a live view on a terminal, as lines elsewhere. */
export async function createReporter(name: ReporterName, io: Io): Promise<Reporter> {
  const follow = io.stderrIsTerminal ? await (await import('./live')).liveView() : lines(io)
  return {
    event: follow.event,
    stop: follow.end,
    end(report) {
      for (const line of formats[name](report, io)) io.out(line)
    },
  }
}

function lines(io: Io) {
  const event = (event: RunEvent) => {
    const line = lineOf(event)
    if (line !== undefined) io.note(line)
  }
  return { event, end: () => {} }
}

function lineOf(event: RunEvent): string | undefined {
  switch (event.kind) {
    case 'kernel-up':
      return `${event.kernel}: ${event.release} is up`
    case 'note':
      return `${event.kernel}: ${event.text}`
    case 'result':
      return event.result.status === 'fail' ? `${event.result.kernel}: ✗ ${titleOf(event.result)}` : undefined
    case 'kernel-end':
      return event.report.error === undefined
        ? `${event.report.name}: done in ${(event.report.ms / 1000).toFixed(1)} s`
        : `${event.report.name}: ${event.report.error}`
    default:
      return undefined
  }
}
