import type { Btf } from '@bpf/btf'
import type { CoreRequest } from './access'
import { readAccess } from './access'
import { cPath } from './c-path'
import { CoreError } from './core-error'
import { subjectOf } from './core-kind'

/** What a CO-RE record is about, in C: `struct task_struct.pid`; the type alone when the record does not fit it. */
export function corePath(btf: Btf, record: CoreRequest): string {
  const subject = subjectOf(record.kind)
  if (subject === undefined) return `type ${record.typeId}`
  try {
    return cPath(readAccess(btf, record), subject)
  } catch (error) {
    if (error instanceof CoreError) return error.path
    throw error
  }
}
