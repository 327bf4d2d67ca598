/** A line of `bpf prog profile`, an element of its JSON. */
export interface MetricResult {
  readonly metric: string
  /** Null where this machine cannot count it; `missing` says why. */
  readonly value: bigint | null
  /** Runs that it was counted over. */
  readonly runs: bigint
  /** Nanoseconds that the counter was wanted, and that it counted. Null for what the kernel's own statistics say. */
  readonly enabled: bigint | null
  readonly running: bigint | null
  readonly missing: string | null
}

/** What `bpf prog profile --json` prints. */
export interface ProfileDocument {
  readonly id: number
  readonly name: string
  readonly seconds: number
  readonly metrics: readonly MetricResult[]
}

/** As `bpftool -j prog profile` prints it. */
export function bpftoolProfile({ metrics }: ProfileDocument): unknown {
  return metrics
    .filter(({ value }) => value !== null)
    .map(({ metric, runs, value, enabled, running }) => ({
      metric,
      run_cnt: Number(runs),
      value: Number(value),
      enabled: Number(enabled ?? 0n),
      running: Number(running ?? 0n),
    }))
}
