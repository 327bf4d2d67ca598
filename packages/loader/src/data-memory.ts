import { MapFlag, type MapPlan } from '@bpf/object'
import { isSyscallError, type Mapping, mapMemory, Prot, type Sys } from '@bpf/sys'
import type { CreatedMap } from './commit/map-create'

/** The bytes of a data section or an arena's variables, shared with the programs. */
export interface DataMemory {
  /** @throws ClosedError */
  view(): DataView
}

/** The memory of an object's data sections, mapped when it is first asked for. Owns the mappings. */
export class DataMemories implements Disposable {
  readonly #sys: Sys
  readonly #mapped = new Map<string, Mapping | undefined>()

  constructor(sys: Sys) {
    this.#sys = sys
  }

  /** Undefined where the map cannot be mapped. */
  of({ plan, fd, memory }: CreatedMap): DataMemory | undefined {
    if (memory !== undefined) return { view: () => new DataView(memory.buffer, plan.contentsOffset) }
    if (!this.#mapped.has(plan.name))
      this.#mapped.set(plan.name, (plan.flags & MapFlag.Mmapable) === 0 ? undefined : this.#map(plan, fd.fd))
    const mapping = this.#mapped.get(plan.name)
    return mapping && { view: () => new DataView(mapping.buffer, 0, plan.valueSize) }
  }

  [Symbol.dispose](): void {
    for (const mapping of this.#mapped.values()) mapping?.close()
  }

  #map(plan: MapPlan, fd: CreatedMap['fd']['fd']): Mapping | undefined {
    const prot = plan.freeze ? Prot.Read : Prot.Read | Prot.Write
    try {
      return mapMemory(this.#sys, { fd, length: plan.valueSize, prot })
    } catch (error) {
      if (isSyscallError(error)) return undefined
      throw error
    }
  }
}
