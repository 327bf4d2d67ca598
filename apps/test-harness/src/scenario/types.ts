import type { AttachContext, Link } from '@bpf/attach'
import type { BpfObject, Context, EventRecord, LoadedObject, LoadedProgram } from '@bpf/loader'
import type { FeatureName } from './features'

/** What a kernel must have, or the scenario is skipped there. Anything else that fails is a failure. */
export interface Requirements {
  /** Features by name; the harness knows since which version and with which options a kernel has each. */
  readonly features?: readonly FeatureName[]
  /** Oldest kernel, `5.15`. */
  readonly kernel?: string
  /** Options that must be set, `CONFIG_NETKIT`. */
  readonly kconfig?: readonly string[]
  /** Kernel modules to load; with what they depend on. Skipped where the kernel was built without one. */
  readonly modules?: readonly string[]
  /** Functions of the kernel that compilers may have named otherwise, or put inline: one that matches each. */
  readonly functions?: readonly RegExp[]
  /** Programs of the system, `ip`: a guest gets the host's. */
  readonly commands?: readonly string[]
}

/** Where a program goes: a text as `bpf attach` takes it, `eth0`, `tcp_v4_connect`, with options if need be. */
export type NamedTarget = string | { readonly to: string; readonly options?: Readonly<Record<string, unknown>> }

/** What a scenario's functions work with. */
export interface ScenarioContext {
  readonly attachContext: AttachContext
  /** The loaded object. @throws Error when the scenario has none */
  readonly object: LoadedObject
  program(name: string): LoadedProgram
  /** Path of a file of the scenario, named as in `object` and `files`. */
  file(name: string): string
  /** Opens another object of the scenario; what is loaded is to be closed by `defer`. */
  open(name: string): BpfObject
  /** The value of a global variable. */
  read(variable: string): unknown
  /** Element `key` of a map, decoded. */
  lookup(map: string, key: unknown): unknown
  /** Events of a ring buffer or perf buffer that arrive until `count` are there. @throws Error when they do not come in time */
  events(map: string, count?: number): Promise<readonly EventRecord[]>
  /** Asks again and again until the answer is true. @throws Error when it stays false for fifteen seconds */
  until(what: string, answer: () => boolean | Promise<boolean>): Promise<void>
  /** Runs a command to its end and returns what it prints. @throws Error when it fails */
  run(command: string, ...args: readonly string[]): string
  /**
   * Runs the scenario's `victim` in a process of its own that is killed (SIGKILL): `after` so many system calls, at its end unless
   * given. @throws Error when it ends in any other way
   */
  kill(order: unknown, after?: number): VictimEnd
  /**
   * Of cases that take long, those that are this kernel's: all of them, unless several kernels are emulated in one run. Each case
   * falls to one of these then.
   */
  share<T>(cases: readonly T[]): readonly T[]
  /** Goes into the result as `data`: a measurement, as JSON carries it. The latest counts. */
  report(data: unknown): void
  /** Told in the report when the scenario fails. */
  log(text: string): void
  /** Runs at the end of the scenario, also when it fails; latest first. */
  defer(undo: () => void): void
  /** A cgroup of its own, gone at the end. */
  cgroup(): TestCgroup
  /** Two network namespaces with a cable between them, gone at the end. */
  network(): TestNetwork
}

/** What a victim works with. */
export interface VictimContext {
  /** Counts its system calls. */
  readonly context: Context
  /** What `kill` was given. */
  readonly order: unknown
  /** Opens an object of the scenario, in a context that is derived of `context` if one is given. */
  open(name: string, context?: Context): BpfObject
}

export interface VictimEnd {
  /** How many system calls it took to the end; undefined if it was killed before. */
  readonly calls: number | undefined
}

export interface TestCgroup {
  readonly path: string
  /** Runs `action` with this process in the cgroup. */
  inside<T>(action: () => T): T
}

/** One end of the cable. */
export interface TestEnd {
  /** `/run/netns/…`, as attach options take it. */
  readonly netns: string
  readonly interface: string
  readonly ifindex: number
  /** IPv4 */
  readonly address: string
  /** Runs a synchronous `action` in the namespace. */
  inside<T>(action: () => T): T
}

export interface TestNetwork {
  readonly near: TestEnd
  readonly far: TestEnd
  /** Sends a datagram from one end to the other; whether it came through. */
  send(from: TestEnd, to: TestEnd): boolean
}

/** One question to a kernel. Steps run in the order in which they stand here. */
export interface Scenario {
  readonly name: string
  /** Hook family: `kprobe`, `xdp`. */
  readonly family: string
  /** Path of the object, relative to the scenario's file. Without one, `attach` or `check` does all. */
  readonly object?: string
  /** Other files that it uses, relative to the scenario's file: a guest gets them, too. */
  readonly files?: readonly string[]
  /** Programs to load; all unless given. */
  readonly programs?: readonly string[]
  readonly requires?: Requirements
  /** Global variables before loading. */
  readonly set?: Readonly<Record<string, unknown>>
  /** Before attaching: what the target needs, a cgroup, a network. */
  readonly prepare?: (t: ScenarioContext) => void | Promise<void>
  /** Targets by program; a function that attaches and returns the links; what the sections name unless given. */
  readonly attach?: Readonly<Record<string, NamedTarget>> | ((t: ScenarioContext) => Link | readonly Link[])
  /** Makes the event happen. */
  readonly stimulate?: (t: ScenarioContext) => void | Promise<void>
  /**
   * A number that rises with every event the programs see. The harness asserts that it rises with `stimulate` while they are
   * attached, and that it does not once they are detached.
   */
  readonly effect?: (t: ScenarioContext) => number | bigint
  /** Assertions while attached, after `stimulate`; fails by throwing. */
  readonly check?: (t: ScenarioContext) => void | Promise<void>
  /** Assertions once detached, after `stimulate` ran again. */
  readonly checkDetached?: (t: ScenarioContext) => void | Promise<void>
  /** What a process of its own does until it is killed, as `kill` has it; nothing else runs in that process. */
  readonly victim?: (v: VictimContext) => void | Promise<void>
}
