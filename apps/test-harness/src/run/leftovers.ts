import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { ids, type ObjectKind, type Sys, type TracedCall } from '@bpf/sys'

const kindOfCommand: Readonly<Record<string, ObjectKind>> = {
  BPF_PROG_LOAD: 'prog',
  BPF_MAP_CREATE: 'map',
  BPF_BTF_LOAD: 'btf',
  BPF_LINK_CREATE: 'link',
  BPF_RAW_TRACEPOINT_OPEN: 'link',
}

/** The kernel frees in the background, when it has time: struct_ops take seconds on a busy machine. */
const patience = { steps: 400, milliseconds: 50 } as const

/** Finds out what a scenario leaves in the kernel, by what this process made: others may work with BPF at the same time. */
export class Leftovers {
  readonly #made = new Map<string, { readonly kind: ObjectKind; readonly id: number }>()
  #descriptors = bpfDescriptors()

  /** The hook for `createSys({ trace })`. */
  readonly trace = ({ errno, operation, result }: TracedCall): void => {
    const kind = errno === 0 && operation !== undefined ? kindOfCommand[operation] : undefined
    const id = kind && idBehind(Number(result), kind)
    if (kind !== undefined && id !== undefined) this.#made.set(`${kind} ${id}`, { kind, id })
  }

  begin(): void {
    this.#made.clear()
    this.#descriptors = bpfDescriptors()
  }

  /** What is still there, in words, once the kernel had time to free it. */
  async remaining(sys: Sys): Promise<readonly string[]> {
    let left = this.#now(sys)
    for (let step = 0; step < patience.steps && left.length > 0; step++) {
      await setTimeout(patience.milliseconds)
      left = this.#now(sys)
    }
    return left
  }

  #now(sys: Sys): readonly string[] {
    const alive = new Set(
      [...new Set([...this.#made.values()].map(({ kind }) => kind))].flatMap(kind => [...ids(sys, kind)].map(id => `${kind} ${id}`)),
    )
    const descriptors = bpfDescriptors() - this.#descriptors
    return [
      ...[...this.#made.keys()].filter(name => alive.has(name)),
      ...(descriptors > 0 ? [`${descriptors} descriptors`] : []),
      ...ownTracefsEvents(),
    ]
  }
}

function bpfDescriptors(): number {
  return readdirSync('/proc/self/fd').filter(fd => /bpf|perf/.test(readOr('', () => readlinkSync(`/proc/self/fd/${fd}`)))).length
}

/** The kernel tells the id of what a descriptor stands for. */
function idBehind(fd: number, kind: ObjectKind): number | undefined {
  const text = readOr('', () => readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))
  const id = new RegExp(`^${kind}_id:\\s*(\\d+)$`, 'm').exec(text)?.[1]
  return id === undefined ? undefined : Number(id)
}

/** Their names carry our process id. */
function ownTracefsEvents(): readonly string[] {
  return ['kprobe_events', 'uprobe_events'].flatMap(file =>
    readOr('', () => readFileSync(`/sys/kernel/tracing/${file}`, 'utf8'))
      .split('\n')
      .filter(line => new RegExp(`(?<!\\d)${process.pid}(?!\\d)`).test(line))
      .map(line => `${file}: ${line}`),
  )
}

function readOr<T>(otherwise: T, read: () => T): T {
  try {
    return read()
  } catch {
    return otherwise
  }
}
