/** What `action` throws, which must be a `type`. */
export function errorOf<E extends Error>(type: abstract new (...args: never[]) => E, action: () => unknown): E {
  try {
    action()
  } catch (error) {
    if (error instanceof type) return error
    throw error
  }
  throw new Error(`no ${type.name} was thrown`)
}
