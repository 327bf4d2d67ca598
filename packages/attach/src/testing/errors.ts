import { AttachError } from '../errors'

/** The AttachError that `action` throws. */
export function attachErrorOf(action: () => unknown): AttachError {
  try {
    action()
  } catch (error) {
    if (error instanceof AttachError) return error
    throw error
  }
  throw new Error('it was attached')
}
