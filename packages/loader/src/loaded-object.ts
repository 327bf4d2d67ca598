import type { Link } from '@bpf/attach'
import type { AnyMap, MapKind, MapsByKind, RecordStream } from '@bpf/maps'
import { type FailedProgram, type LoadPlan, type MapPlan, type ObjectSpec, plan, type StructOpsPlan } from '@bpf/object'
import { isSyscallError, objPin } from '@bpf/sys'
import { type AttachOptions, type AttachReport, attachAll } from './attach-all'
import type { ObjectAttachContext } from './attach-context'
import { checkNames } from './check-names'
import type { RecordTypeChoice } from './codecs'
import { runsPlanned } from './commit/planned-tag'
import { type StructOpsValue, structOpsValue } from './commit/struct-ops'
import type { Context } from './context'
import { LoadError, NotFoundError } from './errors'
import { type Committed, commit } from './load'
import type { LoadOptions } from './load-options'
import type { LoadedProgram } from './loaded-program'
import { openHandle } from './map-handle'
import { pinAll, unpinAll } from './object-pins'
import type { MapsOf, NameIn, ObjectTypes, ProgramsOf, RecordsOf, VariablesOf } from './object-types'
import { type EventOptions, type EventReader, EventReaders, type EventRecord, isEventBuffer, type RecordOptions } from './records'
import { refusal } from './refusal'
import { Undo } from './undo'
import { type Variable, Variables } from './variables'
import { dispatchLoaded } from './xdp-dispatcher/dispatch-loaded'

/**
 * An object in the kernel: maps, programs, and the links made through it. `close()`, or `using`, detaches, unloads and
 * leaves nothing behind but what was pinned.
 */
export class LoadedObject<Types extends ObjectTypes = ObjectTypes> implements Disposable {
  readonly name: string
  readonly plan: LoadPlan
  readonly #context: Context
  readonly #attachContext: ObjectAttachContext
  readonly #spec: ObjectSpec
  readonly #maps = new Map<string, AnyMap>()
  readonly #mapPlans = new Map<string, MapPlan>()
  readonly #programs = new Map<string, LoadedProgram>()
  readonly #failures: FailedProgram[] = []
  readonly #warnings: string[] = []
  readonly #structOps: readonly StructOpsPlan[]
  #links: readonly Link[] = []
  readonly #variables: Variables
  readonly #readers: EventReaders

  /** Takes over what was committed. */
  constructor(context: Context, spec: ObjectSpec, plan: LoadPlan, committed: Committed) {
    this.name = plan.name
    this.plan = plan
    this.#context = context
    this.#attachContext = committed.attachContext
    this.#spec = spec
    this.#structOps = committed.structOps
    this.#variables = new Variables(context.sys, spec, map => this.#section(map))
    this.#readers = new EventReaders(spec)
    this.#add(committed)
    const mapFd = (name: string) => this.#maps.get(name)?.fd
    const { attachContext } = committed
    attachContext.dispatch = (program, target) => dispatchLoaded({ context, spec, attachContext, mapFd }, program, target)
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

  /** What is not as the object means it, but does no harm to most: sentences for a log. Those of the plan, and of the kernel. */
  get warnings(): readonly string[] {
    return [...this.plan.warnings, ...this.#warnings]
  }

  /**
   * Programs that `takeOver` found and that are not what this object would load: pinned by another version of it. They run on;
   * `load(name)` loads this version's. Told by the tags of their code, so equal code in a program of another name is the same.
   * @throws SyscallError
   */
  get outdated(): readonly string[] {
    return [...this.#programs.values()].filter(program => !runsPlanned(program)).map(({ name }) => name)
  }

  /** Made by `attach()`, or found by `takeOver`, and the object's to close; without those that were closed already. */
  get links(): readonly Link[] {
    this.#links = this.#links.filter(link => !link.closed)
    return this.#links
  }

  /**
   * Implementations of kernel interfaces that the object brings: what `attach()` registers, with the programs that are loaded now.
   * @throws ClosedError if one of those was closed
   */
  get structOps(): readonly StructOpsValue[] {
    return this.#structOps.map(each => structOpsValue(each, name => this.#programs.get(name)?.fd))
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
    const map = this.#anyMap(name)
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
   * Loads a program that is not loaded: one that was left out at first, or was closed; or one that is loaded anew, which is then
   * closed if that worked. It shares the object's maps.
   * @throws LoadError, VerifierError, PlanError, NotFoundError
   */
  load(name: ProgramsOf<Types>, options: Omit<LoadOptions, 'onMap' | 'keepGoing'> = {}): LoadedProgram {
    const names = this.#spec.programs.map(program => program.name)
    if (!names.includes(name)) return notFound('program', name, names)
    checkNames(this.#spec, options)
    const planned = plan(this.#spec, this.#context.kernel, { programs: [name] })
    const previous = this.#programs.get(name)
    const existing = (map: string) => this.#maps.get(map)?.fd
    const committed = commit(this.#context, planned, { ...options, existing, attachContext: this.#attachContext })
    // Whoever asks for just this one does not take it for optional.
    for (const { error } of committed.failures) throw error
    this.#add(committed)
    previous?.close()
    return this.program(name)
  }

  /**
   * Attaches every program where `targets` or its section says, and registers every struct_ops variable. What was attached is
   * detached again when one fails that is not optional. @throws AttachError, NotFoundError
   */
  attach(options: AttachOptions<ProgramsOf<Types>> = {}): AttachReport {
    const object = {
      context: this.#attachContext,
      programs: [...this.#programs.values()],
      known: this.#spec.programs,
      structOps: this.structOps,
      mapFd: (name: string) => this.#anyMap(name).fd,
    }
    const report = attachAll(object, options)
    this.#links = [...this.links, ...report.links]
    return report
  }

  /** Names of the maps that deliver events. */
  get buffers(): readonly string[] {
    return [...this.#maps.values()].filter(isEventBuffer).map(map => map.name)
  }

  /**
   * Records of a ring buffer or perf buffer, decoded by the type that the map declares, or that `type` says; raw bytes when
   * neither does. An iteration begins with what the last one left; two that wait at once get a ReaderBusyError.
   *
   *     object.records('events', { type: 'struct event' })
   *     object.records('events', { type: struct({ pid: u32, comm: text(16) }) })
   *
   * @throws NotFoundError, LoadError if the map delivers no events or may not be read, ObjectError if there is no such type
   */
  records<Name extends NameIn<RecordsOf<Types>>, Value = RecordsOf<Types>[Name]>(
    name: Name,
    { type, ...options }: RecordOptions<Value> = {},
  ): RecordStream<EventRecord<Value>> {
    return this.#reader(name, type).records(options) as RecordStream<EventRecord<Value>>
  }

  /** What `records` delivers, the decoded values alone; losses are told to `onLost`. @throws as `records` */
  events<Name extends NameIn<RecordsOf<Types>>, Value = RecordsOf<Types>[Name]>(
    name: Name,
    { type, onLost, ...options }: EventOptions<Value> = {},
  ): RecordStream<Value> {
    return this.#reader(name, type).values(options, onLost) as RecordStream<Value>
  }

  /** As `records`, in arrays of what is there, never empty: about twice as many in the same time. */
  batches<Name extends NameIn<RecordsOf<Types>>, Value = RecordsOf<Types>[Name]>(
    name: Name,
    { type, ...options }: RecordOptions<Value> = {},
  ): RecordStream<EventRecord<Value>[]> {
    return this.#reader(name, type).batches(options) as RecordStream<EventRecord<Value>[]>
  }

  /**
   * Keeps everything in the kernel after `close()` and the end of this process, as `DIRECTORY/maps/NAME`, `programs/NAME` and
   * `links/PROGRAM`, further links of a program as `links/PROGRAM-2` …; dots of names become `_`. `open(…).takeOver(DIRECTORY)`
   * finds it again, `unpin` lets it go.
   * @throws PinError if it is on no bpf file system, LoadError if a name is taken, LinkError if a link is not of a kind that can be pinned
   */
  pin(directory: string): void {
    const { sys } = this.#context
    pinAll(sys, directory, [
      ...[...this.#maps].map(([name, { fd }]) => ({ kind: 'maps', name, pin: (path: string) => objPin(sys, fd, { path }) }) as const),
      ...[...this.#programs].map(
        ([name, { fd }]) => ({ kind: 'programs', name, pin: (path: string) => objPin(sys, fd, { path }) }) as const,
      ),
      ...numbered(this.links).map(([name, link]) => ({ kind: 'links', name, pin: (path: string) => link.pin(path) }) as const),
    ])
  }

  /** Removes what `pin` made: links that nobody holds are detached, programs and maps that nobody uses go. */
  unpin(directory: string): void {
    const { links } = this
    for (const link of links) link.unpin()
    unpinAll(directory, [
      ...[...this.#maps.keys()].map(name => ({ kind: 'maps', name }) as const),
      ...[...this.#programs.keys()].map(name => ({ kind: 'programs', name }) as const),
      ...[...this.#programs.keys(), ...numbered(links).map(([name]) => name)].map(name => ({ kind: 'links', name }) as const),
    ])
  }

  /** Detaches, unloads, closes, but for what is pinned. Idempotent; a link that could not be detached is tried again. */
  close(): void {
    const undo = new Undo()
    for (const map of this.#maps.values()) undo.own(map)
    undo.own(this.#variables)
    for (const program of this.#programs.values()) undo.own(program)
    for (const link of this.links) undo.own(link)
    undo.own(this.#readers)
    // Newest first, and all of it, though one should fail.
    undo.run()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** What there is, by name: for logs and `console.log`, which must not print whole programs. */
  toJSON(): object {
    return {
      name: this.name,
      maps: Object.fromEntries([...this.#maps].map(([name, { kind }]) => [name, kind])),
      programs: [...this.#programs.keys()],
      failures: this.#failures.map(({ name, error }) => ({ name, error: error.message })),
      links: this.links.map(({ program, kind, target }) => ({ program, kind, target })),
    }
  }

  [Symbol.for('nodejs.util.inspect.custom')](): object {
    return this.toJSON()
  }

  /** Nothing of what was committed stays if it cannot be taken over. */
  #add({ maps, programs, failures, links = [], warnings = [] }: Committed): void {
    const undo = new Undo()
    for (const { fd, memory } of maps.values()) for (const owner of memory ? [fd, memory] : [fd]) undo.own(owner)
    for (const owner of [...programs.values(), ...links]) undo.own(owner)
    try {
      for (const [name, map] of maps) {
        this.#mapPlans.set(name, map.plan)
        this.#maps.set(name, openHandle(this.#context, this.#spec, map))
      }
    } catch (error) {
      throw undo.because(error)
    }
    for (const [name, program] of programs) this.#programs.set(name, program)
    this.#failures.push(...failures)
    this.#warnings.push(...warnings.filter(warning => !this.#warnings.includes(warning)))
    this.#links = [...this.#links, ...links]
  }

  #reader(name: string, type: RecordTypeChoice | undefined): EventReader {
    try {
      return this.#readers.of(this.#anyMap(name), type)
    } catch (error) {
      if (!isSyscallError(error)) throw error
      throw refusal(this.#context.sys, { stage: 'map', subject: name, action: 'be read', error })
    }
  }

  #anyMap(name: string): AnyMap {
    return this.#maps.get(name) ?? notFound('map', name, this.#maps.keys())
  }

  #section(map: string): { readonly handle: AnyMap; readonly plan: MapPlan } | undefined {
    const handle = this.#maps.get(map)
    const plan = this.#mapPlans.get(map)
    return handle && plan && { handle, plan }
  }
}

/** Names for the links of programs, of which one may have several: `drop`, `drop-2`. */
function numbered(links: readonly Link[]): [name: string, link: Link][] {
  const counts = new Map<string, number>()
  return links.map(link => {
    const count = (counts.get(link.program) ?? 0) + 1
    counts.set(link.program, count)
    return [count === 1 ? link.program : `${link.program}-${count}`, link]
  })
}

function notFound(kind: 'map' | 'program' | 'variable', name: string, known: Iterable<string>): never {
  throw new NotFoundError(kind, name, known)
}
