import { MapError } from '../errors'
import type { MapShape } from './shape'
import { mapTypeNoun } from './type-noun'

/** What handles of some kinds can do, and those of others cannot. */
const kindOperations: readonly (string | symbol)[] = [
  ...['get', 'bytes', 'has', 'set', 'delete', 'lookupAndDelete', 'setMany', 'deleteMany', 'clear', 'raw'],
  ...['push', 'pop', 'peek', 'keys', 'values', 'entries', 'batches', 'drain', 'drainBatches', Symbol.iterator],
  ...['getOn', 'setOn', 'setAll', 'add', 'id', 'open', 'openOverwritable'],
  ...['value', 'state', 'references', 'offsetOf', 'view', 'read', 'write'],
]

interface Handle {
  readonly shape: MapShape
}

/**
 * Gives the class that all handles extend, for each operation, a method that says what there is instead: it is what is called
 * where a kind has none and no compiler looked, as in JavaScript, or where an object's maps were not declared.
 */
export function refuseMissingOperations(base: { readonly prototype: Handle }): void {
  for (const operation of kindOperations) {
    const value = function (this: Handle): never {
      throw missing(this, operation, base.prototype)
    }
    Object.defineProperty(base.prototype, operation, { value, configurable: true, writable: true })
  }
}

function missing(handle: Handle, operation: string | symbol, base: object): MapError {
  const { name, type } = handle.shape
  const problem = `${mapTypeNoun(type)} ${typeof operation === 'symbol' ? 'cannot be iterated' : `has no ${operation}()`}`
  const own = operationsOf(handle, base)
  return new MapError('ERR_BPF_MAP_OPERATION', name, problem, { hint: own.length === 0 ? undefined : `it has ${own.join(', ')}` })
}

/** The operations that a handle's own classes have. */
function operationsOf(handle: object, base: object): readonly string[] {
  const names: string[] = []
  for (let level = Object.getPrototypeOf(handle); level !== base; level = Object.getPrototypeOf(level))
    names.push(...Object.getOwnPropertyNames(level))
  return kindOperations.filter(name => typeof name === 'string').filter(name => names.includes(name))
}
