import { CoreKind } from '@bpf/btf'

/** What a record asks about: a field, a type, or an enumerator. */
export type CoreSubject = 'field' | 'type' | 'enumerator'

const subjects: Readonly<Record<number, CoreSubject>> = {
  [CoreKind.FieldByteOffset]: 'field',
  [CoreKind.FieldByteSize]: 'field',
  [CoreKind.FieldExists]: 'field',
  [CoreKind.FieldSigned]: 'field',
  [CoreKind.FieldLshiftU64]: 'field',
  [CoreKind.FieldRshiftU64]: 'field',
  [CoreKind.TypeIdLocal]: 'type',
  [CoreKind.TypeIdTarget]: 'type',
  [CoreKind.TypeExists]: 'type',
  [CoreKind.TypeSize]: 'type',
  [CoreKind.TypeMatches]: 'type',
  [CoreKind.EnumvalExists]: 'enumerator',
  [CoreKind.EnumvalValue]: 'enumerator',
}

/** Undefined for kinds newer than this list. */
export function subjectOf(kind: number): CoreSubject | undefined {
  return subjects[kind]
}
