import type { KernelReport, RunEvent } from '../results'
import type { Message } from './job'
import type { FoundScenario } from './load-scenarios'

/** Keeps account of what one kernel has done, over several boots if need be. */
export class KernelProgress {
  readonly #kernel: string
  readonly #scenarios: readonly FoundScenario[]
  readonly #onEvent: (event: RunEvent) => void
  readonly #started = performance.now()
  readonly #crashes: string[] = []
  #bootStarted = performance.now()
  #bootMs = 0
  #release: string | undefined
  #next = 0
  #running: number | undefined
  #cameUp = false
  #failedBoots = 0

  constructor(kernel: string, scenarios: readonly FoundScenario[], onEvent: (event: RunEvent) => void) {
    this.#kernel = kernel
    this.#scenarios = scenarios
    this.#onEvent = onEvent
    onEvent({ kind: 'kernel-start', kernel, count: scenarios.length })
  }

  /** Index of the scenario that comes next. */
  get next(): number {
    return this.#next
  }

  /** Whether the latest boot got as far as the runner. */
  get cameUp(): boolean {
    return this.#cameUp
  }

  boot(): void {
    this.#bootStarted = performance.now()
    this.#cameUp = false
    this.#running = undefined
  }

  take(message: Message): void {
    switch (message.kind) {
      case 'hello':
        this.#cameUp = true
        if (this.#release === undefined) {
          this.#bootMs = Math.round(performance.now() - this.#bootStarted)
          this.#onEvent({ kind: 'kernel-up', kernel: this.#kernel, release: message.release })
        }
        this.#release = message.release
        return
      case 'start':
        this.#running = message.index
        this.#onEvent({ kind: 'scenario-start', kernel: this.#kernel, scenario: message.scenario, family: message.family })
        return
      case 'result':
        this.#running = undefined
        this.#next = message.index + 1
        this.#onEvent({ kind: 'result', result: message.result })
        return
      case 'done':
        this.#next = this.#scenarios.length
    }
  }

  /** The guest is gone; the scenario that was running has failed. */
  crash(reason: string): void {
    this.#crashes.push(reason)
    if (!this.#cameUp) this.#failedBoots++
    const running = this.#running === undefined ? undefined : this.#scenarios[this.#running]
    const during = running === undefined ? '' : ` in "${running.scenario.name}"`
    this.#onEvent({ kind: 'note', kernel: this.#kernel, text: `crashed${during}: ${reason}` })
    if (running === undefined) return
    this.#next = (this.#running ?? 0) + 1
    const { name, family, programs } = running.scenario
    const failed = { kernel: this.#kernel, scenario: name, family, program: programs?.join(' ') ?? '', status: 'fail', ms: 0 } as const
    this.#onEvent({ kind: 'result', result: { ...failed, interface: undefined, reason: `the kernel did not survive: ${reason}` } })
  }

  /** Crashes of the same sort as the latest. */
  crashesInARow(cameUp: boolean): number {
    return cameUp ? this.#crashes.length - this.#failedBoots : this.#failedBoots
  }

  /** Scenarios that were not run have no results; `error` says why. */
  end({ runsOn, error, console }: Pick<KernelReport, 'runsOn' | 'error' | 'console'>): KernelReport {
    const left = this.#scenarios.length - this.#next
    const report: KernelReport = {
      name: this.#kernel,
      release: this.#release,
      runsOn,
      error: error ?? (left === 0 ? undefined : `${left} scenarios were not run`),
      crashes: this.#crashes,
      bootMs: this.#bootMs,
      ms: Math.round(performance.now() - this.#started),
      console,
    }
    this.#onEvent({ kind: 'kernel-end', report })
    return report
  }
}
