import { AttachType } from '../constants/attach-type'
import { ProgType } from '../constants/prog-type'
import type { ProgramPlan } from '../plan-types'
import { matchSection, nearSections } from '../sections/match-section'
import type { ObjectSpec, ProgramSpec } from '../spec'
import type { Target } from '../target'
import { findAttachPoint, splitModule } from './attach-target'
import { PlanError } from './plan-error'
import type { StructOpsProgram } from './struct-ops'

/** What loading a program needs beside its code. */
export type ProgramAttributes = Pick<
  ProgramPlan,
  | 'type'
  | 'expectedAttachType'
  | 'flags'
  | 'license'
  | 'kernelVersion'
  | 'attachBtfId'
  | 'attachBtfModule'
  | 'attachTarget'
  | 'needsTargetProgram'
>

type Attachment = Pick<ProgramPlan, 'expectedAttachType' | 'attachBtfId' | 'attachBtfModule' | 'attachTarget' | 'needsTargetProgram'>

const multiTypes: ReadonlySet<number> = new Set([AttachType.TraceFentryMulti, AttachType.TraceFexitMulti, AttachType.TraceFsessionMulti])

/** @throws PlanError, if the type is unknown or what it attaches to is not in the target. */
export function programAttributes(
  program: ProgramSpec,
  spec: ObjectSpec,
  target: Target,
  structOps: StructOpsProgram | undefined,
): ProgramAttributes {
  if (program.type === ProgType.Unspec) {
    throw new PlanError('ERR_BPF_PLAN_PROGRAM_TYPE', 'the section name implies no program type', {
      hint: () => typeHint(program.section),
    })
  }
  return {
    type: program.type,
    flags: program.flags,
    license: program.license ?? spec.license,
    kernelVersion: spec.version === 0 ? target.kernelVersion : spec.version,
    ...attachment(program, target, structOps),
  }
}

function typeHint(section: string): string {
  const near = nearSections(section)
  return near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'set the type of the program before planning, or rename its section'
}

function attachment(program: ProgramSpec, target: Target, structOps: StructOpsProgram | undefined): Attachment {
  const { attachTarget } = program
  const expectedAttachType = expectedType(program, target)
  const plain: Attachment = { expectedAttachType, attachBtfId: 0, attachBtfModule: undefined, attachTarget, needsTargetProgram: false }
  if (program.type === ProgType.StructOps) return structOpsAttachment(plain, structOps)
  if (program.type === ProgType.Ext || program.attachToProgram === true) return { ...plain, needsTargetProgram: true }
  if (multiTypes.has(program.expectedAttachType)) {
    return { ...plain, attachBtfModule: attachTarget === undefined ? undefined : splitModule(attachTarget).module }
  }
  if (!needsAttachPoint(program)) return plain
  if (attachTarget === undefined) {
    throw new PlanError('ERR_BPF_PLAN_ATTACH_TARGET', 'nothing says what the program attaches to', {
      hint: 'name it in the section (fentry/FUNCTION) or set attachTarget before planning',
    })
  }
  const point = findAttachPoint(attachTarget, program.expectedAttachType, target)
  return { ...plain, attachBtfId: point.typeId, attachBtfModule: point.module }
}

function structOpsAttachment(plain: Attachment, structOps: StructOpsProgram | undefined): Attachment {
  if (structOps === undefined) {
    throw new PlanError('ERR_BPF_PLAN_STRUCT_OPS', 'no struct_ops variable refers to the program', {
      hint: 'set it as a member of a variable in section .struct_ops',
    })
  }
  return {
    ...plain,
    expectedAttachType: structOps.memberIndex,
    attachBtfId: structOps.attachBtfId,
    attachBtfModule: structOps.module,
    attachTarget: structOps.target,
  }
}

/** By the section, or, for programs whose section says nothing, by the type that the caller gave them. */
function needsAttachPoint(program: ProgramSpec): boolean {
  const section = matchSection(program.section)
  return section === undefined ? program.type === ProgType.Tracing || program.type === ProgType.Lsm : section.flags.has('attachBtf')
}

function expectedType({ section, expectedAttachType }: ProgramSpec, target: Target): number {
  const flags = matchSection(section)?.flags
  if (flags?.has('optionalType') && target.has('expectedAttachType') === false) return 0
  if (flags?.has('usdt') && target.has('uprobeMulti') === true) return AttachType.TraceUprobeMulti
  return expectedAttachType
}
