import { keepType, type ObjectSpec, recordTypeCandidates, recordTypeOf, setRecordType } from '@bpf/object'
import { UsageError } from '@bpf/terminal'

/** `--type MAP=TYPE`, each: gives the buffers of an object the types of their records. @throws UsageError, ObjectError */
export function setRecordTypes(spec: ObjectSpec, choices: readonly string[]): void {
  for (const text of choices) {
    const [, map, type] = /^([^=]+)=(.+)$/.exec(text) ?? []
    if (map === undefined || type === undefined) throw new UsageError(`--type ${text}: expected MAP=TYPE`, 'such as events=event')
    setRecordType(spec, map, type)
  }
}

/** How many candidates a hint lists. */
const listed = 6

/** A line for each buffer, of those named, whose records are shown as bytes because nobody says what they are. */
export function untypedHints(spec: ObjectSpec, buffers: readonly string[]): string[] {
  const { btf, maps } = spec
  if (btf === undefined) return buffers.map(name => `${name}: records are bytes, for the object has no BTF: compile it with clang -g`)
  const untyped = maps.filter(map => buffers.includes(map.name) && recordTypeOf(btf, map) === undefined)
  return untyped.map(({ name }) => `${name} has no declared type; ${remedy(name, recordTypeCandidates(spec, name))}`)
}

function remedy(map: string, candidates: readonly string[]): string {
  if (candidates.length === 0) return `and the object's BTF has no struct for it: ${keepType}`
  const more = candidates.length > listed ? ', …' : ''
  return `name one with --type ${map}=STRUCT (candidates: ${candidates.slice(0, listed).join(', ')}${more})`
}
