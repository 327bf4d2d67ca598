import { BpfError } from '@bpf/bytes'
import type { BpfObject, LoadEvent, LoadedObject } from '@bpf/loader'
import { explain, type LoadPlan } from '@bpf/object'
import { infoLayouts, objGetInfo } from '@bpf/sys'
import type { Io, OptionValues } from '@bpf/terminal'
import { countOf, ExitCode, reportError, toJson } from '@bpf/terminal'
import { printExplanation } from '../explain/print'
import { objectPinDirectory } from '../objects/pin-directory'
import { type LoadDocument, mapRow, type ProgramRow, programRow } from './document'
import { openObject } from './open-object'
import { type ObjectOptions, parseObjectOptions, type RawObjectOptions } from './options'
import { pinRootOf } from './pin-root'
import { printLoad } from './print-load'
import { printPlan } from './print-plan'
import { explainMissing, missingPrivileges } from './privileges'
import { noteVerifierLog } from './verifier-log'

type RawLoadOptions = RawObjectOptions &
  OptionValues<{ 'keep-going': { type: 'boolean'; description: string }; json: { type: 'boolean'; description: string } }>

interface LoadOptions extends ObjectOptions {
  readonly keepGoing: boolean
}

export interface LoadInvocation {
  readonly positionals: readonly string[]
  readonly options: RawLoadOptions
  readonly io: Io
}

export async function runLoad({ positionals, options: raw, io }: LoadInvocation): Promise<number> {
  const options = { ...parseObjectOptions(raw), keepGoing: raw['keep-going'] }
  const { file, object } = openObject(positionals[0], options, io)
  const plan = object.plan({ keepGoing: true })
  const print = raw.json ? (document: LoadDocument) => io.out(toJson(document)) : (document: LoadDocument) => printLoad(document, io)
  if (options.verbose) printExplanation(explain(file.bytes, object.spec, plan), { ...io, out: io.note })
  if (options.dryRun) {
    if (raw.json) print(documentOf(file.name, object, plan, nothing))
    else printPlan(plan, io)
    return ExitCode.Ok
  }
  const missing = missingPrivileges(plan)
  if (missing.length > 0) return explainMissing(missing, io)

  const pin = objectPinDirectory(options.pin, object, plan, io)
  const outcome = tryLoad(object, plan, pinRootOf(object.spec, options, io), options)
  using loaded = outcome.loaded
  print(documentOf(file.name, object, plan, outcome))
  for (const warning of loaded?.warnings ?? plan.warnings) io.note(io.style('yellow', `warning: ${warning}`))
  const code = reportErrors(outcome.errors, options, io)
  if (loaded !== undefined) keep(loaded, pin, io)
  return code
}

/** How far loading came. */
interface Outcome {
  /** Undefined when everything was taken back. */
  readonly loaded: LoadedObject | undefined
  readonly mapIds: ReadonlyMap<string, number>
  readonly programs: ReadonlyMap<string, ProgramRow>
  readonly errors: readonly BpfError[]
}

const nothing: Outcome = { loaded: undefined, mapIds: new Map(), programs: new Map(), errors: [] }

function tryLoad(object: BpfObject, plan: LoadPlan, pinRoot: string | undefined, { keepGoing, verbose }: LoadOptions): Outcome {
  const mapIds = new Map<string, number>()
  const programs = new Map<string, ProgramRow>()
  const onEvent = (event: LoadEvent): void => {
    if (event.kind === 'map') mapIds.set(event.map.plan.name, objGetInfo(object.context.sys, event.map.fd.fd, infoLayouts.mapInfo, {}).id)
    else {
      const { name } = event.program
      const came = event.kind === 'program' ? { loaded: event.program } : { error: event.program.error }
      programs.set(name, programRow(object.spec, plan, name, came))
    }
  }
  try {
    const loaded = object.load({ keepGoing, onEvent, pinDirectory: pinRoot, ...(verbose ? { log: { level: statistics } } : {}) })
    return { loaded, mapIds, programs, errors: loaded.failures.map(failure => failure.error) }
  } catch (error) {
    if (!(error instanceof BpfError)) throw error
    const refused = plan.programs.find(program => programOf(error) === program.name)
    if (refused !== undefined) programs.set(refused.name, programRow(object.spec, plan, refused.name, { error }))
    const takenBack = [...programs].map(([name, row]) => [name, { ...row, id: null }] as const)
    return { loaded: undefined, mapIds: new Map(), programs: new Map(takenBack), errors: [error] }
  }
}

/** BPF_LOG_STATS. */
const statistics = 4

/** The program that an error is about. */
function programOf(error: BpfError): string | undefined {
  return 'program' in error && typeof error.program === 'string' ? error.program : undefined
}

function documentOf(name: string, { spec }: BpfObject, plan: LoadPlan, { mapIds, programs }: Outcome): LoadDocument {
  return {
    object: name,
    license: spec.license,
    maps: plan.maps.map(map => mapRow(map, mapIds.get(map.name) ?? null)),
    programs: plan.programs.map(program => programs.get(program.name) ?? programRow(spec, plan, program.name, { error: program.error })),
  }
}

/** A verifier's rejection decides the exit code, then the first error. */
function reportErrors(errors: readonly BpfError[], { verbose }: ObjectOptions, io: Io): number {
  const codes = errors.map(error => {
    if (verbose) noteVerifierLog(error, io)
    return reportError(error, io)
  })
  return codes.find(code => code === ExitCode.RejectedByVerifier) ?? codes[0] ?? ExitCode.Ok
}

function keep(loaded: LoadedObject, directory: string | undefined, io: Io): void {
  const what = `${countOf(loaded.programs.size, 'program')} and ${countOf(loaded.maps.size, 'map')}`
  if (directory === undefined) {
    io.note(`loaded ${what}, and unloaded them again; --pin DIR keeps them`)
    return
  }
  loaded.pin(directory)
  io.note(`loaded ${what}, pinned in ${directory}`)
}
