import { BpfError, nameOf, snakeCase, snakeName } from '@bpf/bytes'
import { type LoadedProgram, VerifierError } from '@bpf/loader'
import { AttachType, InstructionPlanError, type LoadPlan, type MapPlan, MapType, type ObjectSpec, ProgType } from '@bpf/object'

/** What `bpf load --json` prints; ids are null for what is not in the kernel. */
export interface LoadDocument {
  readonly object: string
  readonly license: string
  readonly maps: readonly MapRow[]
  readonly programs: readonly ProgramRow[]
}

export interface MapRow {
  readonly name: string
  readonly type: string
  readonly keySize: number
  readonly valueSize: number
  readonly maxEntries: number
  readonly flags: number
  readonly id: number | null
}

export interface ProgramRow {
  readonly name: string
  readonly section: string
  readonly type: string
  /** Null when the type says it all: attach type 0 of types that have only one hook. */
  readonly attachType: string | null
  /** 16 hex digits; the kernel computes it. */
  readonly tag: string | null
  /** Slots of the linked program, as given to the kernel. */
  readonly insns: number | null
  /** After the kernel's rewriting. */
  readonly xlatedBytes: number | null
  /** That the verifier walked (Linux 5.16). */
  readonly verifiedInsns: number | null
  readonly id: number | null
  readonly error: ProgramFailure | null
}

export interface ProgramFailure {
  readonly code: string
  readonly message: string
  readonly summary: string
  readonly source: { readonly file: string | null; readonly line: number | null; readonly text: string | null } | null
}

export function mapRow(plan: MapPlan, id: number | null): MapRow {
  const { name, keySize, valueSize, maxEntries, flags } = plan
  return { name, type: snakeName(MapType, plan.type), keySize, valueSize, maxEntries, flags, id }
}

const slotSize = 8

/** A program as far as it came: planned, loaded, or failed at either. */
export function programRow(
  spec: ObjectSpec,
  plan: LoadPlan,
  name: string,
  { loaded, error }: { readonly loaded?: LoadedProgram | undefined; readonly error?: BpfError | undefined },
): ProgramRow {
  const planned = plan.programs.find(program => program.name === name)
  const given = spec.programs.find(program => program.name === name)
  const code = planned?.error === undefined ? planned?.code : undefined
  const { type = 0, expectedAttachType = 0 } = (planned?.error === undefined ? planned : given) ?? given ?? {}
  const info = loaded?.info()
  return {
    name,
    section: given?.section ?? '',
    type: snakeName(ProgType, type),
    attachType: attachTypeName(type, expectedAttachType),
    tag: info?.tag ?? null,
    insns: code === undefined ? null : code.byteLength / slotSize,
    xlatedBytes: info?.xlatedBytes ?? null,
    verifiedInsns: info?.verifiedInstructions ?? null,
    id: info?.id ?? null,
    error: error === undefined ? null : failure(error),
  }
}

/** Types whose attach type 0 is a hook, and not just left out. */
const attachTypeZero: ReadonlySet<number> = new Set([ProgType.CgroupSkb])

function attachTypeName(type: number, attachType: number): string | null {
  if (attachType === 0 && !attachTypeZero.has(type)) return null
  const name = nameOf(AttachType, attachType)
  return name === undefined ? String(attachType) : snakeCase(name)
}

function failure(error: BpfError): ProgramFailure {
  return {
    code: error.code,
    message: error.message,
    summary: error instanceof VerifierError ? error.summary : rootOf(error).message,
    source: sourceOf(error),
  }
}

function sourceOf(error: BpfError): ProgramFailure['source'] {
  if (error instanceof VerifierError && error.source !== undefined) {
    const { file = null, line = null, text } = error.source
    return { file, line, text }
  }
  for (let at: unknown = error; at instanceof BpfError; at = at.cause) {
    if (at instanceof InstructionPlanError && at.file !== undefined) return { file: at.file, line: at.line ?? null, text: null }
  }
  return null
}

/** What is underneath the sentences that say where. */
function rootOf(error: BpfError): BpfError {
  return error.cause instanceof BpfError ? rootOf(error.cause) : error
}
