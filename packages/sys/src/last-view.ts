/** Not a context's: a registry that is collected with its context calls nobody, and what it was to give back would be lost. */
const lastViews = /* @__PURE__ */ new FinalizationRegistry<() => void>(release => release())

/** Calls `release` once nothing refers to `buffer`, or to a view over it, any more. Not at the end of the process or the thread. */
export function onLastView(buffer: ArrayBuffer, release: () => void): void {
  lastViews.register(buffer, release)
}
