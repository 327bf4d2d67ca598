import { BpfError } from '@bpf/bytes'
import type { FailedProgram, LoadPlan, MapPlan, ProgramPlan } from '../plan-types'
import type { ObjectSpec, ProgramSpec } from '../spec'
import type { Target } from '../target'
import { resolveExterns } from './extern-table'
import { RelocatedFunctions } from './function-code'
import { initialSlots } from './initial-slots'
import { planKconfig } from './kconfig'
import { type MapContext, planMap } from './map-plan'
import { tableOfMaps } from './map-table'
import { PlanError, ProgramPlanError } from './plan-error'
import { type ProgramContext, planProgram } from './program-plan'
import { selectPrograms } from './select-programs'
import { matchAllStructOps } from './struct-ops-table'
import { type UploadBtf, uploadBtf } from './upload-btf'

export interface PlanOptions {
  /** Only these programs, by name, whatever their sections say about autoload. */
  readonly programs?: readonly string[] | undefined
  /** Programs that cannot be planned are reported instead of thrown, as those marked `optional` always are. */
  readonly keepGoing?: boolean | undefined
}

/**
 * Decides everything that loading an object into a kernel takes: maps, final instructions, BTF. Pure: it asks nothing but the
 * target and changes neither argument.
 *
 * @throws BpfError: why a program, a map or the whole object cannot be loaded there.
 */
export function plan(spec: ObjectSpec, target: Target, options: PlanOptions = {}): LoadPlan {
  if (spec.littleEndian !== target.littleEndian) throw wrongByteOrder(spec, target)
  const keepGoing = options.keepGoing === true
  const structOps = matchAllStructOps(spec, target)
  const [failure] = structOps.failures.values()
  if (failure !== undefined && !keepGoing) throw failure
  const selected = selectPrograms(spec, options.programs, structOps.needed)
  const { upload, warnings: uploadWarnings } = tryUpload(spec, target, selected)
  const kconfig = planKconfig(spec, target)
  const maps = tableOfMaps(spec, target, structOps)
  const { slots, warnings: slotWarnings } = initialSlots(maps.created, selected)
  const jumpTables = new Map<string, MapPlan>()
  const context: ProgramContext = {
    spec,
    target,
    functions: new Map(spec.functions.map(fn => [fn.name, fn])),
    code: new RelocatedFunctions(spec, target, unselectedEntries(spec, selected)),
    references: { maps: maps.referenced, externs: resolveExterns(spec, target, kconfig.failures), kconfigMap: kconfig.map },
    structOps,
    upload,
    bindMaps: maps.readOnly,
    jumpTables,
  }
  const mapContext: MapContext = { object: spec.name, target, upload, kconfig: kconfig.bytes, structOps: structOps.matches, slots }
  const programs = selected.map(program => planOrFail(program, context, keepGoing))
  const structOpsWarnings = [...structOps.failures.values()].map(error => error.message)
  return {
    name: spec.name,
    target: target.description,
    littleEndian: target.littleEndian,
    btf: upload?.bytes,
    btfChanges: upload?.changes ?? [],
    btfRequired: spec.structOps.length > 0,
    maps: [...maps.created.map(map => planMap(map, mapContext)), ...jumpTables.values()],
    programs,
    structOps: [...structOps.matches.values()].map(match => match.plan),
    warnings: [...spec.warnings, ...uploadWarnings, ...slotWarnings, ...kconfig.warnings, ...structOpsWarnings],
  }
}

/** BTF that cannot be uploaded is done without, unless the kernel needs it. */
function tryUpload(
  spec: ObjectSpec,
  target: Target,
  programs: readonly ProgramSpec[],
): { readonly upload: UploadBtf | undefined; readonly warnings: readonly string[] } {
  try {
    return { upload: uploadBtf(spec, target, programs), warnings: [] }
  } catch (error) {
    if (!(error instanceof BpfError) || spec.structOps.length > 0) throw error
    return { upload: undefined, warnings: [`no BTF is uploaded: ${error.message}`] }
  }
}

function planOrFail(program: ProgramSpec, context: ProgramContext, keepGoing: boolean): ProgramPlan | FailedProgram {
  const { name, section, optional } = program
  try {
    return planProgram(program, context)
  } catch (error) {
    if (!(error instanceof BpfError)) throw error
    const failure = new ProgramPlanError(name, section, error)
    if (keepGoing || optional) return { name, section, optional, error: failure }
    throw failure
  }
}

/** Functions that are entries of programs which are not loaded. */
function unselectedEntries({ programs }: ObjectSpec, selected: readonly ProgramSpec[]): ReadonlySet<string> {
  const used = new Set(selected.map(program => program.function))
  return new Set(programs.map(program => program.function).filter(name => !used.has(name)))
}

function wrongByteOrder(spec: ObjectSpec, target: Target): PlanError {
  const order = (littleEndian: boolean) => (littleEndian ? 'little' : 'big')
  return new PlanError(
    'ERR_BPF_PLAN_BYTE_ORDER',
    `object "${spec.name}" is ${order(spec.littleEndian)}-endian, ${target.description} is ${order(target.littleEndian)}-endian`,
    { hint: `compile it with -target ${spec.littleEndian ? 'bpfeb' : 'bpfel'}` },
  )
}
