import type { AttachContext, NamedMap } from '../context'
import { AttachError } from '../errors'
import type { AttachableProgram, Link } from '../link/link'
import type { OptionParser } from './option-values'

/** A hook whose target is said as text: `eth0`, `/sys/fs/cgroup/web`, `cpu-clock`. */
export interface Hook {
  readonly name: string
  /** How a target looks. */
  readonly form: string
  readonly options: readonly string[]
  /** Options whose values are of this hook alone. */
  readonly own?: Readonly<Record<string, OptionParser>>
  /** Other ways to use the hook, with options of their own, by the option that asks for them. */
  readonly variants?: Readonly<Record<string, Hook>>
  /** Undefined when `target` says nothing. Options were checked by name and value. */
  attach(context: AttachContext, program: AttachableProgram, target: string, options: object): Link | undefined
}

/** @throws AttachError if the program's object has no such map */
export function mapOf({ map }: AttachContext, program: AttachableProgram, name: string): NamedMap {
  const found = map?.(name)
  if (found !== undefined) return found
  throw new AttachError({ program: program.name, target: `map "${name}"`, problem: 'the object has no such map' })
}
