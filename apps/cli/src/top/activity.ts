import { activityBetween } from '@bpf/kernel'
import { type ProgInfo, ProgType, snakeName } from '@bpf/sys'
import type { SortKey } from './sort-keys'

/** What a program did since the last look. */
export interface TopRow {
  readonly id: number
  readonly type: string
  readonly name: string
  /** Percent of one CPU. */
  readonly cpu: number
  readonly runsPerSecond: number
  /** Nanoseconds a run; 0 without any. */
  readonly averageNs: number
  /** Runs that were skipped, because the program was running on that CPU already. */
  readonly missed: number
  /** `cpu` of the last looks, oldest first. */
  readonly history: readonly number[]
}

const historyLength = 16

/** Compares each look at the programs with the one before. */
export class Activity {
  #before = new Map<number, ProgInfo>()
  #history = new Map<number, readonly number[]>()
  #time: number | undefined

  /** Programs that were there at the last look, too. `time` in milliseconds. */
  look(time: number, programs: readonly ProgInfo[]): TopRow[] {
    const seconds = this.#time === undefined ? 0 : (time - this.#time) / 1000
    const rows = seconds > 0 ? programs.flatMap(program => this.#row(program, seconds)) : []
    this.#time = time
    this.#before = new Map(programs.map(program => [program.id, program]))
    this.#history = new Map(rows.map(({ id, history }) => [id, history]))
    return rows
  }

  #row(program: ProgInfo, seconds: number): TopRow[] {
    const before = this.#before.get(program.id)
    if (before === undefined) return []
    const { runs, runTime, averageRunTime, recursionMisses } = activityBetween(before, program)
    const cpu = Number(runTime) / seconds / 1e7
    return [
      {
        id: program.id,
        type: snakeName(ProgType, program.type),
        name: program.name,
        cpu,
        runsPerSecond: Number(runs) / seconds,
        averageNs: averageRunTime,
        missed: Number(recursionMisses),
        history: [...(this.#history.get(program.id) ?? []), cpu].slice(-historyLength),
      },
    ]
  }
}

const columns: Readonly<Record<SortKey, (row: TopRow) => number>> = {
  cpu: row => row.cpu,
  runs: row => row.runsPerSecond,
  time: row => row.averageNs,
  missed: row => row.missed,
  id: row => -row.id,
}

/** Largest first; of equals the oldest program. */
export function sortRows(rows: readonly TopRow[], key: SortKey): TopRow[] {
  return [...rows].sort((a, b) => columns[key](b) - columns[key](a) || a.id - b.id)
}
