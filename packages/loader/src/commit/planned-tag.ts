import { programTag } from '@bpf/insn'
import { littleEndian } from '@bpf/sys'
import type { LoadedProgram } from '../loaded-program'
import { signedCode } from './signed-code'

/**
 * Whether the code of a program in the kernel is that of its plan, by its tag. Code that holds the descriptor of a module's BTF
 * has another tag at each load: it counts as the plan's, for want of better knowledge. @throws SyscallError
 */
export function runsPlanned(program: Pick<LoadedProgram, 'plan' | 'info'>): boolean {
  const { plan } = program
  if (plan.holes.some(hole => hole.kind === 'moduleBtf')) return true
  const { tag } = program.info()
  // Which hash it is depends on the kernel, and which code on whether it was loaded with a signature.
  return [plan.code, signedCode(plan)].some(code => hashes.some(hash => programTag(code, { littleEndian, hash }) === tag))
}

const hashes = ['sha256', 'sha1'] as const
