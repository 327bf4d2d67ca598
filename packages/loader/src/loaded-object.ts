import { type AttachSpec, attachStructOps, type Link } from '@bpf/attach'
import { BpfError, nearNames } from '@bpf/bytes'
import type { AnyMap, MapKind, MapsByKind, StreamOptions } from '@bpf/maps'
import { type FailedProgram, type LoadPlan, type MapPlan, type ObjectSpec, plan } from '@bpf/object'
import { objPin } from '@bpf/sys'
import { attachAttempts, checkTargets } from './attach-attempts'
import type { StructOpsValue } from './commit/struct-ops'
import type { Context } from './context'
import { LoadError, NotFoundError } from './errors'
import { type Committed, commit } from './load'
import type { LoadOptions } from './load-options'
import type { LoadedProgram } from './loaded-program'
import { openHandle } from './map-handle'
import { type PinKind, pinAll, unpinAll } from './object-pins'
import type { MapsOf, NameIn, ObjectTypes, ProgramsOf, RecordsOf, VariablesOf } from './object-types'
import { EventReaders, type EventRecord, isEventBuffer } from './records'
import { Undo } from './undo'
import { type Variable, Variables } from './variables'

/** What attaching everything came to. */
export interface AttachReport {
  readonly links: readonly Link[]
  /** Programs whose section names no target, or a hook that needs more than that. */
  readonly skipped: readonly { readonly program: string; readonly reason: string }[]
  /** Optional programs that could not be attached; with `keepGoing` any. */
  readonly failures: readonly { readonly program: string; readonly error: BpfError }[]
}

export interface AttachOptions {
  /** Report programs that cannot be attached instead of detaching everything. */
  readonly keepGoing?: boolean | undefined
  /**
   * Where programs go whose section does not say it, or that are to go elsewhere: `[parseAttachSpec('xdp=eth0')]`. A program
   * can have several; those without any go where their section says.
   */
  readonly targets?: readonly AttachSpec[] | undefined
}

/**
 * An object in the kernel: maps, programs, and the links made through it. `close()`, or `using`, detaches, unloads and
 * leaves nothing behind but what was pinned.
 */
export class LoadedObject<Types extends ObjectTypes = ObjectTypes> implements Disposable {
  readonly name: string
  readonly plan: LoadPlan
  readonly #context: Context
  readonly #spec: ObjectSpec
  readonly #maps = new Map<string, AnyMap>()
  readonly #mapPlans = new Map<string, MapPlan>()
  readonly #programs = new Map<string, LoadedProgram>()
  readonly #failures: FailedProgram[] = []
  readonly #structOps: StructOpsValue[] = []
  readonly #links: Link[] = []
  readonly #variables: Variables
  readonly #readers: EventReaders

  /** Takes over what was committed. */
  constructor(context: Context, spec: ObjectSpec, plan: LoadPlan, committed: Committed) {
    this.name = plan.name
    this.plan = plan
    this.#context = context
    this.#spec = spec
    this.#variables = new Variables(context.sys, spec, map => this.#section(map))
    this.#readers = new EventReaders(spec)
    this.#add(committed)
  }

  /** Each with the operations of its type; `kind` tells which. */
  get maps(): ReadonlyMap<string, AnyMap> {
    return this.#maps
  }

  /** Those that are loaded. */
  get programs(): ReadonlyMap<string, LoadedProgram> {
    return this.#programs
  }

  /** Programs that were to be loaded and were not, with why: optional ones, those of `anyOf` groups, with `keepGoing` all. */
  get failures(): readonly FailedProgram[] {
    return this.#failures
  }

  /** Made by `attach()` and still the object's to close. */
  get links(): readonly Link[] {
    return this.#links
  }

  /**
   * The handle of a map, decoding keys and values by the object's BTF: of the kind that is asked for, or of the type that was
   * declared, see `ObjectTypes`. Without either it is taken for one of keys and values, per-CPU or not.
   *
   *     object.map('counts').get(1)
   *     object.map('jobs', 'queue').pop()
   *
   * @throws NotFoundError with near names, LoadError if it is not of the kind that is asked for
   */
  map<Name extends NameIn<MapsOf<Types>>>(name: Name): MapsOf<Types>[Name]
  map<Kind extends MapKind>(name: NameIn<MapsOf<Types>>, kind: Kind): MapsByKind[Kind]
  map(name: string, kind?: MapKind): unknown {
    const map = this.#maps.get(name) ?? notFound('map', name, this.#maps.keys())
    // What the caller declared is not checked: the object's own BTF decides how bytes are decoded.
    if (kind === undefined || map.kind === kind || (kind === 'keyed' && map.kind === 'perCpu')) return map
    const hint = `ask for it as object.map(${JSON.stringify(name)}, '${map.kind}')`
    throw new LoadError({ stage: 'map', subject: name, problem: `is of kind ${map.kind}, not ${kind}`, hint })
  }

  /** @throws NotFoundError with near names */
  program(name: ProgramsOf<Types>): LoadedProgram {
    return this.#programs.get(name) ?? notFound('program', name, this.#programs.keys())
  }

  /** Whether there is a global variable of that name whose type is known. */
  hasVariable(name: string): boolean {
    return this.#variables.has(name)
  }

  /** A global variable, to be read and written while programs run. @throws NotFoundError with near names */
  variable<Name extends NameIn<VariablesOf<Types>>>(name: Name): Variable<VariablesOf<Types>[Name]> {
    const variable = this.#variables.get(name) ?? notFound('variable', name, this.#variables.names)
    // As with maps, the object's own BTF decides.
    return variable as Variable<VariablesOf<Types>[Name]>
  }

  /**
   * Loads a program that is not loaded: one that was left out at first, or was closed. It shares the object's maps.
   * @throws LoadError, VerifierError, PlanError, NotFoundError
   */
  load(name: ProgramsOf<Types>, options: Omit<LoadOptions, 'onMap' | 'keepGoing'> = {}): LoadedProgram {
    const names = this.#spec.programs.map(program => program.name)
    if (!names.includes(name)) return notFound('program', name, names)
    const planned = plan(this.#spec, this.#context.kernel, { programs: [name] })
    this.#programs.get(name)?.close()
    this.#add(commit(this.#context, planned, { ...options, existing: map => this.#maps.get(map)?.fd }))
    return this.program(name)
  }

  /**
   * Attaches every program whose section or `targets` name its target, and registers every struct_ops variable. What was attached is
   * detached again when one fails that is not optional. @throws AttachError, NotFoundError for a target without a program
   */
  attach({ keepGoing = false, targets = [] }: AttachOptions = {}): AttachReport {
    checkTargets(this.#spec.programs, targets)
    const links: Link[] = []
    const skipped: { program: string; reason: string }[] = []
    const failures: { program: string; error: BpfError }[] = []
    try {
      for (const { map, value } of this.#structOps) {
        links.push(attachStructOps(this.#context, { map: this.#maps.get(map) ?? notFound('map', map, this.#maps.keys()), value }))
      }
      for (const { program, run } of attachAttempts(this.#context, this.#programs.values(), targets)) {
        try {
          const result = run()
          if (result.kind === 'attached') links.push(result.link)
          else skipped.push(result)
        } catch (error) {
          if (!(error instanceof BpfError) || !(keepGoing || program.plan.optional)) throw error
          failures.push({ program: program.name, error })
        }
      }
    } catch (error) {
      for (const link of links.reverse()) link.close()
      throw error
    }
    this.#links.push(...links)
    return { links, skipped, failures }
  }

  /** Names of the maps that deliver events. */
  get buffers(): readonly string[] {
    return [...this.#maps.values()].filter(isEventBuffer).map(map => map.name)
  }

  /**
   * Records of a ring buffer or perf buffer, decoded by the type that the map declares; raw bytes when it declares none.
   * @throws NotFoundError, LoadError if the map delivers no events
   */
  records<Name extends NameIn<RecordsOf<Types>>>(
    name: Name,
    options: StreamOptions = {},
  ): AsyncGenerator<EventRecord<RecordsOf<Types>[Name]>> {
    const map = this.#maps.get(name) ?? notFound('map', name, this.#maps.keys())
    return this.#readers.records(map, options) as AsyncGenerator<EventRecord<RecordsOf<Types>[Name]>>
  }

  /**
   * Keeps everything in the kernel after `close()` and the end of this process, as `DIRECTORY/maps/NAME`, `programs/NAME` and
   * `links/PROGRAM`, further links of a program as `links/PROGRAM-2` …; dots of names become `_`. `open(…).takeOver(DIRECTORY)` finds it again, `unpin` lets it go.
   * @throws LoadError if a name is taken or it is no bpf file system, LinkError if a link is not of a kind that can be pinned
   */
  pin(directory: string): void {
    const { sys } = this.#context
    pinAll(sys, directory, [
      ...[...this.#maps].map(([name, { fd }]) => ({ kind: 'maps', name, pin: (path: string) => objPin(sys, fd, { path }) }) as const),
      ...[...this.#programs].map(
        ([name, { fd }]) => ({ kind: 'programs', name, pin: (path: string) => objPin(sys, fd, { path }) }) as const,
      ),
      ...this.#links.map((link, i) => ({ kind: 'links', name: linkName(this.#links, i), pin: (path: string) => link.pin(path) }) as const),
    ])
  }

  /** Removes what `pin` made: links that nobody holds are detached, programs and maps that nobody uses go. */
  unpin(directory: string): void {
    const programs = [...this.#programs.keys()]
    const names: Readonly<Record<PinKind, readonly string[]>> = {
      maps: [...this.#maps.keys()],
      programs,
      links: [...programs, ...this.#links.map((_, i) => linkName(this.#links, i))],
    }
    for (const link of this.#links) link.unpin()
    unpinAll(
      directory,
      (['maps', 'programs', 'links'] as const).flatMap(kind => names[kind].map(name => ({ kind, name }))),
    )
  }

  /** Detaches, unloads, closes, but for what is pinned. Idempotent. */
  close(): void {
    const undo = new Undo()
    for (const map of this.#maps.values()) undo.own(map)
    undo.own(this.#variables)
    for (const program of this.#programs.values()) undo.own(program)
    for (const link of this.#links.splice(0)) undo.own(link)
    undo.own(this.#readers)
    // Newest first, and all of it, though one should fail.
    undo.run()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #add({ maps, programs, failures, structOps }: Committed): void {
    for (const [name, program] of programs) this.#programs.set(name, program)
    for (const [name, map] of maps) {
      this.#mapPlans.set(name, map.plan)
      this.#maps.set(name, openHandle(this.#context, this.#spec, map))
    }
    this.#failures.push(...failures)
    this.#structOps.push(...structOps)
  }

  #section(map: string): { readonly handle: AnyMap; readonly plan: MapPlan } | undefined {
    const handle = this.#maps.get(map)
    const plan = this.#mapPlans.get(map)
    return handle && plan && { handle, plan }
  }
}

function notFound(kind: 'map' | 'program' | 'variable', name: string, known: Iterable<string>): never {
  throw new NotFoundError(kind, name, nearNames(name, known))
}

/** A program's first link has its name, the others a number behind it. */
function linkName(links: readonly Link[], index: number): string {
  const program = links[index]?.program ?? ''
  const before = links.slice(0, index).filter(link => link.program === program).length
  return before === 0 ? program : `${program}-${before + 1}`
}
