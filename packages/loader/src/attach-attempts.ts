import { type AttachSpec, type AutoAttachment, attachTo, isSelected } from '@bpf/attach'
import { nearNames } from '@bpf/bytes'
import { ProgType } from '@bpf/sys'
import type { Context } from './context'
import { NotFoundError } from './errors'
import type { LoadedProgram } from './loaded-program'

/** One attachment to be made. */
export interface AttachAttempt {
  readonly program: LoadedProgram
  /** @throws AttachError */
  readonly run: () => AutoAttachment
}

/** Each program goes where the caller says, which may be several places, or else to what its section names. */
export function attachAttempts(context: Context, programs: Iterable<LoadedProgram>, targets: readonly AttachSpec[]): AttachAttempt[] {
  // Functions of a struct_ops variable are attached with it.
  const own = [...programs].filter(program => program.type !== ProgType.StructOps)
  return own.flatMap(program => {
    const chosen = targets.filter(target => isSelected(target, program))
    if (chosen.length === 0) return [{ program, run: () => program.attach() }]
    return chosen.map(({ target, options }): AttachAttempt => {
      return { program, run: () => ({ kind: 'attached', link: attachTo(context, program, target, options) }) }
    })
  })
}

/** @throws NotFoundError for a target whose program is not in the object: it was misspelt */
export function checkTargets(
  programs: readonly { readonly name: string; readonly section: string }[],
  targets: readonly AttachSpec[],
): void {
  for (const target of targets) {
    if (programs.some(program => isSelected(target, program))) continue
    const known = programs.flatMap(({ name, section }) => [name, section])
    throw new NotFoundError('program', target.select, nearNames(target.select, known))
  }
}
