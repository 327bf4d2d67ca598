import { fullProgramName } from '@bpf/kernel'
import { tryOpenById } from '@bpf/sys'
import type { KernelContext } from '../context'

/** A program in the place of a function; without a name when it is gone by now. */
export interface MemberProgram {
  readonly id: number
  readonly name: string | null
}

/** The kernel's `struct bpf_struct_ops_NAME` has bookkeeping in front of the interface. Nothing before it got its functions. */
export function dataOf(value: unknown): Readonly<Record<string, unknown>> {
  const { data } = (value ?? {}) as { readonly data?: Readonly<Record<string, unknown>> }
  return data ?? {}
}

/** The kernel shows ids of programs in the places of functions. */
export function programOf({ sys }: KernelContext, value: unknown): MemberProgram | null {
  const id = Number(value ?? 0)
  if (id === 0) return null
  using program = tryOpenById(sys, 'prog', id)
  return { id, name: program === undefined ? null : fullProgramName(sys, program.fd) }
}
