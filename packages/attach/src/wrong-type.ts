import { Errno, ProgType, type SyscallError, snakeName } from '@bpf/sys'
import type { AttachableProgram } from './link/link'
import type { Explanation } from './ways'

/** What EINVAL means when a program is not of the type that a hook calls; undefined when it is. */
export function wrongType({ errno }: SyscallError, program: AttachableProgram, wanted: number): Explanation | undefined {
  if (errno !== Errno.EINVAL || program.type === wanted) return undefined
  return {
    problem: `it is of type ${snakeName(ProgType, program.type)}, and this hook calls those of type ${snakeName(ProgType, wanted)}`,
    hint: 'the section says what type a program is of',
  }
}
