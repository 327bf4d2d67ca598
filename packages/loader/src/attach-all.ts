import {
  type AttachContext,
  type AttachSpec,
  type AttachTarget,
  type AutoAttachment,
  attachStructOps,
  type HookedProgram,
  hookNameOf,
  isSelected,
  type Link,
} from '@bpf/attach'
import { BpfError } from '@bpf/bytes'
import { ProgType } from '@bpf/sys'
import type { StructOpsValue } from './commit/struct-ops'
import { NotFoundError } from './errors'
import type { LoadedProgram } from './loaded-program'
import { Undo } from './undo'

/** What attaching everything came to. */
export interface AttachReport {
  readonly links: readonly Link[]
  /** Programs whose section names no target, or a hook that needs more than that. */
  readonly skipped: readonly { readonly program: string; readonly reason: string }[]
  /** Optional programs that could not be attached; with `keepGoing` any. */
  readonly failures: readonly { readonly program: string; readonly error: BpfError }[]
}

/** Several: one link each. False: nowhere. */
export type ProgramTargets = AttachTarget | readonly AttachTarget[] | false

export interface AttachOptions<Program extends string = string> {
  /** Report programs that cannot be attached instead of detaching everything. */
  readonly keepGoing?: boolean | undefined
  /**
   * Where programs go whose sections do not say it, or that are to go elsewhere: by name, by section, or by a section's first
   * word; the others go where their sections say. Every target that means a program counts.
   *
   *     { drop: { xdp: { interface: 'eth0', mode: 'generic' } }, count: ['eth0:ingress', 'eth1:ingress'], trace: false }
   *     [parseAttachSpec('xdp=eth0')]
   */
  readonly targets?: { readonly [Name in Program]?: ProgramTargets } | readonly AttachSpec[] | undefined
}

export interface Attachable {
  readonly context: AttachContext
  readonly programs: readonly LoadedProgram[]
  /** Of all programs that the object has, loaded or not. */
  readonly known: readonly KnownProgram[]
  readonly structOps: readonly StructOpsValue[]
  readonly mapFd: (name: string) => number
}

/** Attaches everything; when something fails that must not, nothing is attached. @throws AttachError, NotFoundError */
export function attachAll(object: Attachable, { keepGoing = false, targets = {} }: AttachOptions): AttachReport {
  const wanted = withPrograms(object, listTargets(targets))
  const undo = new Undo()
  const links: Link[] = []
  const skipped: { program: string; reason: string }[] = []
  const failures: { program: string; error: BpfError }[] = []

  const attempt = (program: string, optional: boolean, attach: () => AutoAttachment) => {
    try {
      const result = attach()
      if (result.kind === 'attached') links.push(undo.own(result.link))
      else skipped.push({ program, reason: result.reason })
    } catch (error) {
      if (!(error instanceof BpfError) || !(keepGoing || optional)) throw error
      failures.push({ program, error })
    }
  }

  try {
    for (const structOps of object.structOps) attempt(structOps.map, false, () => register(object, structOps))
    for (const program of object.programs) {
      // They are attached as functions of their variable.
      if (program.type === ProgType.StructOps) continue
      for (const attach of attachmentsOf(program, wanted)) attempt(program.name, program.plan.optional, attach)
    }
  } catch (error) {
    throw undo.because(error)
  }
  return { links, skipped, failures }
}

function register({ context, mapFd }: Attachable, { map: name, value }: StructOpsValue): AutoAttachment {
  return { kind: 'attached', link: attachStructOps(context, { map: { fd: mapFd(name), name }, value }) }
}

/** What is to be done with one program, a step an attachment. */
function attachmentsOf(program: LoadedProgram, targets: readonly MeantTarget[]): readonly (() => AutoAttachment)[] {
  const chosen = targets.filter(target => target.means(program))
  if (chosen.length === 0) return [() => program.attach()]
  return chosen.map(({ target }) => () => {
    if (target === false) return { kind: 'skipped', program: program.name, reason: 'left out by the caller' }
    return { kind: 'attached', link: program.attach(target) }
  })
}

interface ChosenTarget {
  readonly select: string
  readonly target: AttachTarget | false
}

interface MeantTarget extends ChosenTarget {
  readonly means: (program: KnownProgram) => boolean
}

type KnownProgram = HookedProgram & { readonly name: string }

function listTargets(targets: NonNullable<AttachOptions['targets']>): readonly ChosenTarget[] {
  if (isList(targets)) return targets.map(({ select, target, options }) => ({ select, target: { ...options, target } }))
  return Object.entries(targets).flatMap(([select, wanted]): ChosenTarget[] => {
    if (wanted === undefined) return []
    const each = isList(wanted) ? wanted : [wanted]
    return each.map(target => ({ select, target }))
  })
}

/** `Array.isArray` does not tell readonly arrays apart. */
function isList<T, U>(value: readonly T[] | U): value is readonly T[] {
  return Array.isArray(value)
}

/**
 * Which programs each target means: by name, section or word; else those of the hook of that name, `tc` of section "classifier".
 * @throws NotFoundError for one that means none: it is misspelt
 */
function withPrograms({ known }: Attachable, targets: readonly ChosenTarget[]): readonly MeantTarget[] {
  return targets.map(target => {
    if (known.some(program => isSelected(target, program))) return { ...target, means: program => isSelected(target, program) }
    const isOfHook = (program: KnownProgram) => hookNameOf(program) === target.select
    if (known.some(isOfHook)) return { ...target, means: isOfHook }
    const names = known.flatMap(({ name, section }) => [name, section])
    throw new NotFoundError('program', target.select, names)
  })
}
