import { ObjectError } from '../object-error'
import type { ObjectSpec } from '../spec'
import { getProgram } from './find'

/** Takes a program out, also out of the maps and struct_ops that name it. Its function stays, since others may call it. @throws ObjectError */
export function dropProgram(spec: ObjectSpec, name: string): void {
  const dropped = getProgram(spec, name)
  spec.programs = spec.programs.filter(program => program !== dropped)
  for (const map of spec.maps) map.slots = map.slots.filter(slot => slot.kind !== 'program' || slot.name !== name)
  spec.structOps = spec.structOps.map(structOps => ({
    ...structOps,
    programs: structOps.programs.filter(({ program }) => program !== name),
  }))
}

/** Gives a program another name, everywhere. @throws ObjectError */
export function renameProgram(spec: ObjectSpec, name: string, newName: string): void {
  const renamed = getProgram(spec, name)
  if (newName !== name && spec.programs.some(program => program.name === newName)) {
    throw new ObjectError('ERR_BPF_OBJECT_EDIT', `program "${name}" cannot be renamed: there is a program "${newName}"`, {
      symbol: newName,
    })
  }
  renamed.name = newName
  for (const { slots } of spec.maps) for (const slot of slots) if (slot.kind === 'program' && slot.name === name) slot.name = newName
  spec.structOps = spec.structOps.map(structOps => ({
    ...structOps,
    programs: structOps.programs.map(binding => (binding.program === name ? { ...binding, program: newName } : binding)),
  }))
}

/**
 * Attaches a program to something else: `vfs_write` for `SEC("fentry/vfs_read")`.
 * @throws ObjectError if the program's section names no target, or there is no such program
 */
export function retarget(spec: ObjectSpec, name: string, target: string): void {
  const program = getProgram(spec, name)
  if (program.pattern?.endsWith('+') !== true) {
    throw new ObjectError('ERR_BPF_OBJECT_EDIT', `program "${name}" cannot be retargeted: section ${program.section} names no target`, {
      symbol: name,
      hint: 'What such a program is attached to is said when it is attached.',
    })
  }
  program.attachTarget = target
}
