import { readFixture } from '@bpf/fixtures'
import { readObject } from '../read/read-object'
import type { FunctionSpec, MapSpec, ObjectSpec } from '../spec'

/** Reads one of our objects, `object/maps` for example; it is called by the file's name. */
export async function readSpec(fixture: string): Promise<ObjectSpec> {
  return readObject(await readFixture(`${fixture}.o`), { name: fixture.replace(/^.*\//, '') })
}

/** What a definition says, without what is as usual. */
export function brief(map: MapSpec): Partial<MapSpec> {
  const usual: Partial<MapSpec> = { flags: 0, mapExtra: 0n, numaNode: 0, ifindex: 0, pinning: 'none', autoCreate: true }
  const entries = Object.entries(map).filter(([name, value]) => {
    return value !== undefined && usual[name as keyof MapSpec] !== value && !(name === 'slots' && map.slots.length === 0)
  })
  return Object.fromEntries(entries) as Partial<MapSpec>
}

/** The function of a name. */
export function functionOf(spec: ObjectSpec, name: string): FunctionSpec {
  const found = spec.functions.find(fn => fn.name === name)
  if (found === undefined) throw new Error(`no function ${name}`)
  return found
}
