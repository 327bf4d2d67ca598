import { SLOT_SIZE } from '@bpf/insn'
import type { CoreDecision, MapPlan, Poison, ProgramPlan } from '../plan-types'
import type { FunctionSpec, ObjectSpec, ProgramSpec } from '../spec'
import type { Target } from '../target'
import { exceptionCallback } from './exception-callback'
import type { RelocatedFunctions } from './function-code'
import { funcInfo, lineInfo } from './info-tables'
import { jumpTableMap } from './jump-table'
import { type LinkedProgram, linkProgram } from './link'
import { replaceNewHelpers } from './old-helpers'
import { InstructionPlanError, PlanError } from './plan-error'
import { programAttributes } from './program-attributes'
import { type ReferenceContext, ReferenceWriter } from './references'
import { sourceLines } from './source-lines'
import type { StructOpsTable } from './struct-ops-table'
import type { UploadBtf } from './upload-btf'

/** What programs of one object share. */
export interface ProgramContext {
  readonly spec: ObjectSpec
  readonly target: Target
  readonly functions: ReadonlyMap<string, FunctionSpec>
  /** After CO-RE. */
  readonly code: RelocatedFunctions
  readonly references: Omit<ReferenceContext, 'jumpTable'>
  readonly structOps: StructOpsTable
  readonly upload: UploadBtf | undefined
  /** Read-only data that is created. */
  readonly bindMaps: readonly string[]
  /** Maps of jump tables, which programs add to. */
  readonly jumpTables: Map<string, MapPlan>
}

/** @throws BpfError */
export function planProgram(program: ProgramSpec, context: ProgramContext): ProgramPlan {
  const { spec, target, upload } = context
  const structOps = context.structOps.programs.get(program.name)
  if (structOps instanceof Error) throw structOps
  const attributes = programAttributes(program, spec, target, structOps)
  const linked = link(program, context)
  const built = buildCode(program, linked, context)
  const withInfo = upload !== undefined && target.has('btfFunc') !== false
  return {
    name: program.name,
    section: program.section,
    optional: program.optional,
    ...attributes,
    ...built,
    kfuncModules: context.references.externs.kfuncModules,
    bindMaps: context.bindMaps,
    funcInfo: withInfo ? funcInfo(linked, target.littleEndian, contextClones(program, linked, upload)) : new Uint8Array(0),
    lineInfo: withInfo ? lineInfo(linked, target.littleEndian) : new Uint8Array(0),
    functions: linked.functions.map(({ spec: { name }, slot }) => ({ name, slot })),
    get source() {
      return spec.btf === undefined ? [] : sourceLines(linked, spec.btf)
    },
  }
}

function link(program: ProgramSpec, { spec, target, functions }: ProgramContext): LinkedProgram {
  const main = functions.get(program.function)
  const tagged = main !== undefined && main.declTags.length > 0 && target.has('btfDeclTag') !== false
  const callback = tagged ? exceptionCallback(main, spec) : undefined
  return linkProgram(program.function, functions, callback === undefined ? [] : [callback])
}

function buildCode(program: ProgramSpec, linked: LinkedProgram, context: ProgramContext) {
  const { spec, target } = context
  const buffer = { code: new Uint8Array(linked.length * SLOT_SIZE), littleEndian: target.littleEndian }
  const core: CoreDecision[] = []
  const poisoned: Poison[] = []
  const jumpTable = (name: string, user: FunctionSpec, slot: number) => useJumpTable(program, name, user, slot, context)
  const writer = new ReferenceWriter(buffer, linked, { ...context.references, jumpTable })
  for (const { spec: fn, slot } of linked.functions) {
    const relocated = context.code.get(fn)
    buffer.code.set(relocated.code, slot * SLOT_SIZE)
    for (const decision of relocated.core) core.push({ ...decision, slot: slot + decision.slot })
    for (const poison of relocated.poisoned) poisoned.push({ ...poison, slot: slot + poison.slot })
  }
  for (const { spec: fn, slot } of linked.functions) {
    for (const reference of fn.references) {
      try {
        writer.write(slot + reference.slot, reference, fn)
      } catch (error) {
        throw InstructionPlanError.at(fn, reference.slot, spec.btf, error)
      }
    }
  }
  replaceNewHelpers(buffer, target)
  return { code: buffer.code, holes: writer.holes, core, poisoned: [...poisoned, ...writer.poisoned].sort((a, b) => a.slot - b.slot) }
}

/** The same table has a map for each program, since its entries count from the start of the program. */
function useJumpTable(
  program: ProgramSpec,
  name: string,
  user: FunctionSpec,
  slot: number,
  { spec, target, jumpTables }: ProgramContext,
): string {
  const table = spec.jumpTables.find(table => table.name === name)
  if (table === undefined) throw new PlanError('ERR_BPF_PLAN_JUMP_TABLE', `there is no jump table "${name}"`)
  const map = `.jumptables/${program.name}/${name}`
  if (!jumpTables.has(map)) jumpTables.set(map, jumpTableMap(map, table, user, slot, target.littleEndian))
  return map
}

function contextClones({ type }: ProgramSpec, { functions }: LinkedProgram, upload: UploadBtf): ReadonlyMap<string, number> {
  const ofType = upload.contextClones.get(type)
  if (ofType === undefined) return new Map()
  return new Map(
    functions.flatMap(({ spec: { name, typeId } }) => {
      const clone = ofType.get(typeId)
      return clone === undefined ? [] : [[name, clone]]
    }),
  )
}
