/** What `make` makes of something that is owned, which is closed if that fails. */
export function orClose<T>(owned: { close(): void }, make: () => T): T {
  try {
    return make()
  } catch (error) {
    owned.close()
    throw error
  }
}
