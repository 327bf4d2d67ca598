import type { AttachContext } from '../context'
import { AttachError } from '../errors'
import type { AttachableProgram, Link } from '../link/link'
import type { Hook } from './hook'
import { hookOf } from './hook-of'
import { OptionError, parseOptions, yesNo } from './option-values'

/**
 * Attaches a program to what a text says, with options as text: the declarative form of every hook whose target can be
 * written down. `attachTo(context, program, 'eth0', { mode: 'generic' })`.
 *
 * @throws AttachError, OptionError
 */
export function attachTo(
  context: AttachContext,
  program: AttachableProgram,
  target: string,
  options: Readonly<Record<string, string>> = {},
): Link {
  const usual = hookOf(program)
  const fields = { program: program.name, target }
  if (usual === undefined)
    throw new AttachError({ ...fields, problem: `section "${program.section}" takes no target that can be written down` })
  const [hook, given] = variantOf(usual, options)
  const values = parseOptions(hook.name, given, [...hook.options, ...Object.keys(hook.variants ?? {})], hook.own)
  const link = hook.attach(context, program, target, values)
  if (link === undefined) throw new AttachError({ ...fields, problem: `that is no target of ${hook.name}`, hint: `it is ${hook.form}` })
  return link
}

/** Options say which variant of a hook is meant: `xdp=eth0,dispatch`. */
function variantOf(hook: Hook, options: Readonly<Record<string, string>>): readonly [Hook, Readonly<Record<string, string>>] {
  for (const [name, variant] of Object.entries(hook.variants ?? {})) {
    const { [name]: choice, ...others } = options
    if (choice === undefined) continue
    const chosen = yesNo(choice)
    if (chosen === undefined) throw new OptionError(`option ${name} of ${hook.name} cannot be ${JSON.stringify(choice)}`)
    return [chosen ? variant : hook, others]
  }
  return [hook, options]
}
