/** What the order of two programs depends on. */
export interface Ordered {
  readonly name: string
  readonly priority: number
  /** Undefined for a program that is to be added. */
  readonly loaded: { readonly tag: Uint8Array; readonly loadTime: bigint } | undefined
}

/**
 * Which of two programs runs first, as libxdp has it: by priority, name, those that are there before those to be added, tag,
 * and time of loading.
 */
export function compareDispatched(a: Ordered, b: Ordered): number {
  return a.priority - b.priority || compareText(a.name, b.name) || compareLoaded(a.loaded, b.loaded)
}

function compareLoaded(a: Ordered['loaded'], b: Ordered['loaded']): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  return Buffer.compare(a.tag, b.tag) || Number(a.loadTime - b.loadTime)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
