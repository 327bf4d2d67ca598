import { type MapSpec, MapType, type ObjectSpec, readObject } from '@bpf/object'
import type { TypedLine } from '@bpf/terminal'
import { readObjectFile } from '../object-file'

const buffers: ReadonlySet<number> = new Set([MapType.Ringbuf, MapType.PerfEventArray])

/** A map that the object defines: no section, no kernel interface. */
const isDefined = ({ origin }: MapSpec): boolean => origin.kind === 'btf' || origin.kind === 'legacy'

const assigned = ({ name }: { readonly name: string }): string => `${name}=`

const names = {
  programs: ({ programs }) => programs.map(({ name }) => name),
  functions: ({ programs, functions }) => [...new Set([...programs, ...functions].map(({ name }) => name))],
  programTargets: ({ programs }) => programs.map(assigned),
  variableValues: ({ variables }) => variables.map(assigned),
  mapChanges: ({ maps }) => maps.filter(isDefined).map(assigned),
  recordTypes: ({ maps }) => maps.filter(({ type }) => buffers.has(type)).map(assigned),
} as const satisfies Readonly<Record<string, (spec: ObjectSpec) => readonly string[]>>

export type ObjectNames = keyof typeof names

/** Names in the object that the line names, the bundled example if it names none. @throws BpfError */
export function namesInObject(kind: ObjectNames, { positionals: [path], io }: TypedLine): readonly string[] {
  const file = readObjectFile(path, io)
  return names[kind](readObject(file.bytes, { name: file.name }))
}
