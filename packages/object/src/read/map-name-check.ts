import { ObjectError } from '../object-error'
import type { MapSpec } from '../spec'

/** Names are how a spec refers to maps. @throws ObjectError */
export function refuseSameNames(maps: readonly MapSpec[]): void {
  const names = new Set<string>()
  for (const { name } of maps) {
    if (names.has(name)) throw new ObjectError('ERR_BPF_OBJECT_MAP', `there are two maps "${name}"`, { symbol: name })
    names.add(name)
  }
}
