import { BpfError } from '@bpf/bytes'
import { ObjectError, type ObjectErrorFields } from '../object-error'

/** Why objects cannot be linked, with the name of the one to blame. */
export function linkError(object: string, cause: string, fields: ObjectErrorFields = {}): ObjectError {
  return new ObjectError('ERR_BPF_OBJECT_LINK', `${object}: ${cause}`, fields)
}

/** Does something with one object; what goes wrong is said with its name. */
export function blaming<T>(object: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (!(error instanceof BpfError) || error.code === 'ERR_BPF_OBJECT_LINK') throw error
    throw linkError(object, error.message, { cause: error, hint: error.hint })
  }
}
