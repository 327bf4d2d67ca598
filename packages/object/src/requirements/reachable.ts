import type { FunctionSpec, ObjectSpec } from '../spec'

/** A function and everything that it calls or takes the address of, each once. */
export function reachableFunctions({ functions }: ObjectSpec, entry: string): FunctionSpec[] {
  const byName = new Map(functions.map(fn => [fn.name, fn]))
  const found = new Map<string, FunctionSpec>()
  const names = [entry]
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    const fn = byName.get(name)
    if (fn === undefined || found.has(name)) continue
    found.set(name, fn)
    for (const reference of fn.references) if (reference.kind === 'function') names.push(reference.function)
  }
  return [...found.values()]
}
