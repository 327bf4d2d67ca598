import { BpfError } from '@bpf/bytes'
import type { BpfObject, LoadEvent, LoadedObject } from '@bpf/loader'
import { explain } from '@bpf/object'
import type { Io } from '@bpf/terminal'
import { ExitCode } from '@bpf/terminal'
import { printExplanation } from '../explain/print'
import { takeAwayLeftovers } from '../leftovers'
import { openObject } from '../load/open-object'
import { pinRootOf } from '../load/pin-root'
import { printPlan } from '../load/print-plan'
import { explainMissing, missingPrivileges } from '../load/privileges'
import { createReporter, type Reporter } from '../load/report'
import { noteVerifierLog } from '../load/verifier-log'
import { objectPinDirectory } from '../objects/pin-directory'
import { setRecordTypes, untypedHints } from '../record-types'
import { type StreamTotals, streamEvents } from './events'
import { showMaps } from './map-view'
import { parseStartOptions, type RawStartOptions, type StartOptions } from './options'
import { createStop, type Stop } from './stop'
import { followTracePipe } from './trace-pipe'

export interface StartInvocation {
  readonly positionals: readonly string[]
  readonly options: RawStartOptions
  readonly io: Io
}

export async function runStart({ positionals, options: raw, io }: StartInvocation): Promise<number> {
  const options = parseStartOptions(raw, io.stdoutIsTerminal)
  const reporter = createReporter(io)
  const { file, object } = openObject(positionals[0], options, io)
  setRecordTypes(object.spec, options.recordTypes)
  reporter.object(file.path, object.spec)
  const plan = object.plan({ keepGoing: true })
  if (options.verbose) printExplanation(explain(file.bytes, object.spec, plan), { ...io, out: io.note })
  const missing = options.dryRun ? [] : missingPrivileges(plan)
  if (options.dryRun || missing.length > 0) printPlan(plan, io)
  if (options.dryRun) return ExitCode.Ok
  if (missing.length > 0) return explainMissing(missing, io)

  const pin = objectPinDirectory(options.pin, object, plan, io)
  takeAwayLeftovers(object.context, io)
  using stop = createStop(options.duration)
  const onEvent = (event: LoadEvent) => {
    if (event.kind === 'failed' && options.verbose) noteVerifierLog(event.program.error, io)
    reportLoad(event, object, reporter)
  }
  using loaded = object.load({ onEvent, pinDirectory: pinRootOf(object.spec, options, io) })
  for (const warning of loaded.warnings) reporter.warning(warning)
  const { links, skipped, failures } = loaded.attach({ keepGoing: true, targets: options.targets })
  for (const link of links) reporter.link(link)
  for (const { program, reason } of skipped) reporter.skipped(program, reason)
  if (links.length === 0 && skipped.length > 0 && failures.length === 0)
    io.note(`  ${io.style('cyan', 'hint:')} say where to attach: --attach ${skipped[0]?.program}=TARGET`)
  for (const { program, error } of failures) reporter.unattached(program, error)
  if (links.length === 0 && failures[0] !== undefined) throw new BpfError(failures[0].error.code, 'no program could be attached')
  if (pin !== undefined) pinAll(loaded, pin, io)

  stop.start()
  const totals = await observe(object, loaded, options, stop, io)
  loaded.close()
  // The view of maps is drawn over ^C.
  if (stop.interrupted && io.stderrIsTerminal && !options.maps) io.note('')
  const end = options.pin === undefined ? `detached ${links.length}, unloaded ${loaded.programs.size}` : `stays attached in ${options.pin}`
  io.note(`${closing(totals, options)}; ${end}`)
  return ExitCode.Ok
}

function pinAll(loaded: LoadedObject, directory: string, io: Io): void {
  loaded.pin(directory)
  io.note(`${io.style('green', '✓')} ${io.style('bold', 'pinned')}   in ${directory}`)
}

function reportLoad(event: LoadEvent, object: BpfObject, reporter: Reporter): void {
  if (event.kind === 'map') reporter.map(object.context.sys, event.map)
  else if (event.kind === 'program') reporter.program(event.program)
  // One that is not optional ends the load: the error says it.
  else if (event.program.optional) reporter.failed(event.program.name, event.program.error.message)
}

/** Shows what the object reports until it is time to stop. */
async function observe(object: BpfObject, loaded: LoadedObject, options: StartOptions, stop: Stop, io: Io): Promise<StreamTotals> {
  using _trace = options.trace ? followTracePipe(object.context, io) : undefined
  const end = options.duration === undefined ? 'Ctrl-C to stop' : `for ${options.duration / 1000} s`
  if (options.maps) {
    await showMaps(loaded, { io, json: options.json, stop: stop.controller })
    return { events: 0, lost: 0 }
  }
  if (loaded.buffers.length > 0) {
    for (const hint of untypedHints(object.spec, loaded.buffers))
      io.note(`${io.style('yellow', '!')} ${io.style('bold', 'events')}   ${hint}`)
    io.note(`${io.style('green', '✓')} ${io.style('bold', 'events')}   from ${loaded.buffers.join(', ')}, ${end}`)
    const totals = await streamEvents(loaded, { io, json: options.json, count: options.count, stop: stop.controller })
    return { ...totals, lost: totals.lost + countedByProgram(loaded) }
  }
  io.note(`this object delivers no events; ${loaded.maps.size > 0 ? '--maps shows its maps; ' : ''}running, ${end}`)
  await stop.requested
  return { events: 0, lost: 0 }
}

/** Ring buffers do not count what did not fit; programs that care do, in a global variable `lost`. */
function countedByProgram(loaded: LoadedObject): number {
  return loaded.hasVariable('lost') ? Number(loaded.variable('lost').get()) : 0
}

function closing(totals: StreamTotals, options: StartOptions): string {
  return options.maps ? 'stopped' : `${totals.events} events, ${totals.lost} lost`
}
