import { spawnSync } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { testCgroup, testNetwork } from '@bpf/attach/testing'
import { type Context, type EventRecord, type LoadedObject, open } from '@bpf/loader'
import type { ScenarioContext } from '../scenario/types'
import { partOf, type Share } from './job'

/** How long to wait for what must come. Emulated machines are slow. */
const patience = 15_000

interface Surroundings extends Pick<ScenarioContext, 'kill'> {
  readonly share: Share
}

/** Where a scenario's functions live, and what it has to clean up. */
export class ScenarioRun implements Disposable {
  readonly logs: string[] = []
  data: unknown
  object: LoadedObject | undefined
  readonly #context: Context
  readonly #undo: (() => void)[] = []
  /** The same for all steps. */
  readonly functions: ScenarioContext
  #cgroups = 0

  /** `locate` finds files of the scenario, `kill` runs its victim, `share` says what of long lists is done here. */
  constructor(context: Context, locate: (file: string) => string, { kill, share }: Surroundings) {
    this.#context = context
    this.functions = this.#functions(locate, { kill, share })
  }

  readonly defer = (undo: () => void): void => {
    this.#undo.push(undo)
  };

  /** Everything that was deferred, latest first, though one should fail. */
  [Symbol.dispose](): void {
    const errors: unknown[] = []
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) {
      try {
        undo()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }

  #functions(locate: (file: string) => string, { kill, share }: Surroundings): ScenarioContext {
    const context = this.#context
    const object = () => {
      if (this.object === undefined) throw new Error('the scenario has no object')
      return this.object
    }
    return {
      attachContext: context,
      get object() {
        return object()
      },
      program: name => object().program(name),
      file: locate,
      open: name => open(locate(name), { context }),
      read: variable => object().variable(variable).get(),
      lookup: (map, key) => lookup(object(), map, key),
      events: (map, count = 1) => events(object(), map, count),
      until,
      run: runCommand,
      kill,
      share: all => partOf(all, share),
      report: data => {
        this.data = data
      },
      log: text => this.logs.push(text),
      defer: this.defer,
      cgroup: () => this.#own(testCgroup(context, `harness-${this.#cgroups++}`)),
      network: () => this.#own(testNetwork(context.sys)),
    }
  }

  #own<T extends Disposable>(thing: T): T {
    this.defer(() => thing[Symbol.dispose]())
    return thing
  }
}

function lookup(object: LoadedObject, name: string, key: unknown): unknown {
  return object.map(name).get(key)
}

async function events(object: LoadedObject, map: string, count: number): Promise<readonly EventRecord[]> {
  const found: EventRecord[] = []
  const signal = AbortSignal.timeout(patience)
  for await (const record of object.records(map, { signal })) {
    found.push(record)
    if (found.length === count) return found
  }
  throw new Error(`map "${map}" delivered ${found.length} of ${count} events`)
}

export async function until(what: string, answer: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + patience
  while (!(await answer())) {
    if (Date.now() > end) throw new Error(`in vain waited for this: ${what}`)
    await setTimeout(20)
  }
}

function runCommand(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')}: ${error?.message ?? stderr.trim() ?? `ended with ${status}`}`)
  return stdout
}
