import { BpfError, nearNames } from '@bpf/bytes'
import type { Neighbour, Place } from '../anchor'

/** Turns the text of an option into its value; undefined for text that means nothing. */
export interface OptionParser {
  (text: string): unknown
  /** All that it takes, where that is few. */
  readonly choices?: readonly string[]
}

const number: OptionParser = text => (/^-?(?:\d{1,15}|0x[0-9a-fA-F]{1,12})$/.test(text) ? signed(text) : undefined)
const bigint: OptionParser = text => (/^(?:\d{1,20}|0x[0-9a-fA-F]{1,16})$/.test(text) ? BigInt(text) : undefined)
export const yesNo = (text: string): boolean | undefined => ({ true: true, yes: true, false: false, no: false })[text]
const text: OptionParser = value => (value === '' ? undefined : value)
export const oneOf = (...choices: readonly string[]): OptionParser =>
  Object.assign((value: string) => (choices.includes(value) ? value : undefined), { choices })

function signed(value: string): number {
  return value.startsWith('-') ? -Number(value.slice(1)) : Number(value)
}

/** `first`, `last`, `before:link:7`, `after:program:12`, by id. */
function place(value: string): Place | undefined {
  if (value === 'first' || value === 'last') return value
  const [, side, kind, id] = /^(before|after):(link|program):(\d{1,10})$/.exec(value) ?? []
  if (id === undefined) return undefined
  const neighbour: Neighbour = kind === 'link' ? { link: Number(id) } : { program: Number(id) }
  return side === 'before' ? { before: neighbour } : { after: neighbour }
}

/** By name; what is not here is not an option anywhere, unless a hook brings its own. */
const parsers: Readonly<Record<string, OptionParser>> = {
  address: bigint,
  cgroup: text,
  classId: number,
  cookie: bigint,
  cpu: number,
  defragment: yesNo,
  destination: text,
  directAction: yesNo,
  expectedRevision: bigint,
  frequency: number,
  handle: number,
  headroom: number,
  metric: number,
  netns: text,
  offset: number,
  period: number,
  pid: number,
  place,
  preorder: yesNo,
  priority: number,
  queueSize: number,
  refCounter: number,
  returns: yesNo,
  table: number,
  tid: number,
  via: text,
}

/**
 * The values of options, as far as a hook knows them. `known` lists names, and parsers for those whose values are its own.
 *
 * @throws OptionError with near names
 */
export function parseOptions(
  hook: string,
  options: Readonly<Record<string, string>>,
  known: readonly string[],
  own: Readonly<Record<string, OptionParser>> = {},
): Readonly<Record<string, unknown>> {
  const names = [...known, ...Object.keys(own)]
  const values = Object.entries(options).map(([name, given]) => {
    if (!names.includes(name)) throw new OptionError(`${hook} has no option "${name}"`, near(name, names))
    const parse = own[name] ?? parsers[name]
    const value = parse?.(given)
    if (value === undefined) {
      throw new OptionError(`option ${name} of ${hook} cannot be ${JSON.stringify(given)}`, nearChoice(given, parse?.choices))
    }
    return [name, value] as const
  })
  return Object.fromEntries(values)
}

function near(name: string, names: readonly string[]): string {
  const [best] = nearNames(name, names)
  if (best !== undefined) return `did you mean ${best}?`
  return names.length === 0 ? 'it has no options' : `it has ${names.join(', ')}`
}

function nearChoice(given: string, choices: readonly string[] = []): string | undefined {
  const [best] = nearNames(given, choices)
  if (best !== undefined) return `did you mean ${best}?`
  return choices.length === 0 ? undefined : `it is ${choices.join(', ').replace(/, ([^,]+)$/, ' or $1')}`
}

/** An option that a hook does not have, or a value that it cannot have. */
export class OptionError extends BpfError {
  override readonly name = 'OptionError'

  constructor(problem: string, hint?: string) {
    super('ERR_BPF_ATTACH_OPTION', problem, { hint })
  }
}
