import { attachStructOps, type Link } from '@bpf/attach'
import { BpfError, nearNames } from '@bpf/bytes'
import { type MapHandle, openKeyedMap, type StreamOptions } from '@bpf/maps'
import { type FailedProgram, type LoadPlan, type ObjectSpec, plan, type VariableSpec } from '@bpf/object'
import { type Fd, objPin, ProgType } from '@bpf/sys'
import { mapCodecs, variableCodec } from './codecs'
import type { CreatedMap } from './commit/map-create'
import type { StructOpsValue } from './commit/struct-ops'
import type { Context } from './context'
import { DataMemories } from './data-memory'
import { NotFoundError } from './errors'
import { type Committed, commit } from './load'
import type { LoadOptions } from './load-options'
import type { LoadedProgram } from './loaded-program'
import { type PinKind, pinAll, unpinAll } from './object-pins'
import type { MapsOf, NameIn, ObjectTypes, ProgramsOf, RecordsOf, VariablesOf } from './object-types'
import { EventReaders, type EventRecord, isEventBuffer } from './records'
import { Undo } from './undo'
import { createVariable, type Variable } from './variable'

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
  readonly #created = new Map<string, CreatedMap>()
  readonly #maps = new Map<string, MapHandle>()
  readonly #programs = new Map<string, LoadedProgram>()
  readonly #failures: FailedProgram[] = []
  readonly #structOps: StructOpsValue[] = []
  readonly #links: Link[] = []
  readonly #memories: DataMemories
  readonly #readers: EventReaders

  /** Takes over what was committed. */
  constructor(context: Context, spec: ObjectSpec, plan: LoadPlan, committed: Committed) {
    this.name = plan.name
    this.plan = plan
    this.#context = context
    this.#spec = spec
    this.#memories = new DataMemories(context.sys)
    this.#readers = new EventReaders(context, spec)
    this.#add(committed)
  }

  get maps(): ReadonlyMap<string, MapHandle> {
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

  /** @throws NotFoundError with near names */
  map<Name extends NameIn<MapsOf<Types>>>(name: Name): MapsOf<Types>[Name] {
    // What the caller declared is not checked: the object's own BTF decides how bytes are decoded.
    return (this.#maps.get(name) ?? notFound('map', name, this.#maps.keys())) as MapsOf<Types>[Name]
  }

  /** @throws NotFoundError with near names */
  program(name: ProgramsOf<Types>): LoadedProgram {
    return this.#programs.get(name) ?? notFound('program', name, this.#programs.keys())
  }

  /** Whether there is a global variable of that name whose type is known. */
  hasVariable(name: string): boolean {
    return this.#findVariable(name) !== undefined
  }

  /** A global variable, to be read and written while programs run. @throws NotFoundError with near names */
  variable<Name extends NameIn<VariablesOf<Types>>>(name: Name): Variable<VariablesOf<Types>[Name]> {
    const found = this.#findVariable(name)
    if (found === undefined) return notFound('variable', name, this.#variableNames())
    const { spec, map } = found
    const origin = this.#spec.maps.find(candidate => candidate.name === spec.map)?.origin
    return createVariable({
      sys: this.#context.sys,
      spec,
      codec: found.codec,
      readOnly: origin?.kind === 'data' && origin.access !== 'readWrite',
      mapFd: () => map.fd.fd,
      sectionSize: map.plan.valueSize,
      memory: this.#memories.of(map),
    }) as Variable<VariablesOf<Types>[Name]>
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
    this.#add(commit(this.#context, planned, { ...options, existing: map => this.#created.get(map)?.fd.fd }))
    return this.program(name)
  }

  /**
   * Attaches every program whose section names its target, and registers every struct_ops variable. What was attached is
   * detached again when one fails that is not optional. @throws AttachError
   */
  attach({ keepGoing = false }: AttachOptions = {}): AttachReport {
    const links: Link[] = []
    const skipped: { program: string; reason: string }[] = []
    const failures: { program: string; error: BpfError }[] = []
    try {
      for (const { map, value } of this.#structOps) {
        links.push(attachStructOps(this.#context, { map: { fd: this.#mapFd(map), name: map }, value }))
      }
      for (const program of this.#programs.values()) {
        // They are attached as functions of their variable.
        if (program.type === ProgType.StructOps) continue
        try {
          const result = program.attach()
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
    return [...this.#maps.values()].filter(map => isEventBuffer(map.shape.type)).map(map => map.name)
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
   * `links/PROGRAM`; dots of names become `_`. `open(…).takeOver(DIRECTORY)` finds it again, `unpin` lets it go.
   * @throws LoadError if a name is taken or it is no bpf file system, LinkError if a link is not of a kind that can be pinned
   */
  pin(directory: string): void {
    const { sys } = this.#context
    pinAll(sys, directory, [
      ...[...this.#created].map(([name, { fd }]) => ({ kind: 'maps', name, pin: (path: string) => objPin(sys, fd.fd, { path }) }) as const),
      ...[...this.#programs].map(
        ([name, { fd }]) => ({ kind: 'programs', name, pin: (path: string) => objPin(sys, fd, { path }) }) as const,
      ),
      ...this.#links.map(link => ({ kind: 'links', name: link.program, pin: (path: string) => link.pin(path) }) as const),
    ])
  }

  /** Removes what `pin` made: links that nobody holds are detached, programs and maps that nobody uses go. */
  unpin(directory: string): void {
    const programs = [...this.#programs.keys()]
    const names: Readonly<Record<PinKind, readonly string[]>> = { maps: [...this.#created.keys()], programs, links: programs }
    for (const link of this.#links) link.unpin()
    unpinAll(
      directory,
      (['maps', 'programs', 'links'] as const).flatMap(kind => names[kind].map(name => ({ kind, name }))),
    )
  }

  /** Detaches, unloads, closes, but for what is pinned. Idempotent. */
  close(): void {
    const undo = new Undo()
    for (const { fd, memory } of this.#created.values()) {
      undo.own(fd)
      if (memory) undo.own(memory)
    }
    undo.own(this.#memories)
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
    for (const [name, map] of maps) {
      this.#created.set(name, map)
      this.#maps.set(name, this.#openMap(map))
    }
    for (const [name, program] of programs) this.#programs.set(name, program)
    this.#failures.push(...failures)
    this.#structOps.push(...structOps)
  }

  #openMap({ plan, fd }: CreatedMap): MapHandle {
    const codecs = isEventBuffer(plan.type) ? {} : mapCodecs(this.#spec, plan.name)
    return openKeyedMap(this.#context, { fd, shape: plan, ...codecs })
  }

  #mapFd(name: string): Fd {
    return this.#created.get(name)?.fd.fd ?? notFound('map', name, this.#created.keys())
  }

  #findVariable(name: string) {
    const spec = this.#spec.variables.find(variable => variable.name === name)
    const codec = spec && variableCodec(this.#spec, spec)
    const map = spec && this.#created.get(spec.map)
    return spec && codec && map && { spec, codec, map }
  }

  #variableNames(): string[] {
    return this.#spec.variables.map((variable: VariableSpec) => variable.name)
  }
}

function notFound(kind: 'map' | 'program' | 'variable', name: string, known: Iterable<string>): never {
  throw new NotFoundError(kind, name, nearNames(name, known))
}
