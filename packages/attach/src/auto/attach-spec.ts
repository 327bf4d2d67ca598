import { BpfError } from '@bpf/bytes'
import type { AttachableProgram } from '../link/link'
import { sectionWord } from './section-target'

/** Where programs of an object go, as said on a command line: `xdp=eth0,mode=generic`. */
export interface AttachSpec {
  /** A program's name, a section, or a section's first word; of `xdp/devmap` and `xdp/cpumap`, their second. */
  readonly select: string
  /** What the hook is: an interface, a cgroup, an event … */
  readonly target: string
  /** The rest, by name. */
  readonly options: Readonly<Record<string, string>>
}

/**
 * Parses `SELECT=TARGET[,OPTION=VALUE…]`. An option without a value means yes.
 *
 * @throws AttachSpecError
 */
export function parseAttachSpec(text: string): AttachSpec {
  const separator = text.indexOf('=')
  const select = text.slice(0, Math.max(separator, 0)).trim()
  if (select === '') throw new AttachSpecError(text, 'write PROGRAM=TARGET, such as xdp=eth0')
  return { select, ...parseTargetText(text.slice(separator + 1), text) }
}

/** Parses `TARGET[,OPTION=VALUE…]`, which is part of `text`. @throws AttachSpecError */
export function parseTargetText(part: string, text: string): Omit<AttachSpec, 'select'> {
  const [target = '', ...rest] = part.split(',')
  if (target.trim() === '') throw new AttachSpecError(text, 'write PROGRAM=TARGET, such as xdp=eth0')
  const options = new Map<string, string>()
  for (const option of rest) {
    const [, name, value = 'true'] = /^\s*([A-Za-z]\w*)\s*(?:=(.*))?$/.exec(option) ?? []
    if (name === undefined) throw new AttachSpecError(text, `"${option}" is no option: write OPTION=VALUE`)
    if (options.has(name)) throw new AttachSpecError(text, `option ${name} is given twice`)
    options.set(name, value.trim())
  }
  return { target: target.trim(), options: Object.fromEntries(options) }
}

/** Whether a spec means a program. */
export function isSelected(
  { select }: Pick<AttachSpec, 'select'>,
  { name, section }: Pick<AttachableProgram, 'name' | 'section'>,
): boolean {
  const plain = section.replace(/^\?/, '')
  return select === name || select === plain || select === selectWord(plain)
}

/** A section's first word; of `xdp/devmap` and `xdp/cpumap` the other one, since their targets are entries of maps. */
function selectWord(section: string): string {
  return /^xdp(?:\.frags)?\/(devmap|cpumap)$/.exec(section)?.[1] ?? sectionWord(section)
}

/** A text that says nothing about where a program goes, or something that its hook does not know. */
export class AttachSpecError extends BpfError {
  override readonly name = 'AttachSpecError'

  constructor(text: string, hint: string) {
    super('ERR_BPF_ATTACH_SPEC', `${JSON.stringify(text)} does not say where a program goes`, { hint })
  }
}
