import type { MapSpec, ProgramSpec } from '../spec'
import { tailCallSlots } from './tail-calls'

export interface InitialSlots {
  /** By map. */
  readonly slots: ReadonlyMap<string, MapSpec['slots']>
  readonly warnings: readonly string[]
}

/** What goes into maps of maps and program arrays. Slots for a map or program that is not loaded stay empty. */
export function initialSlots(created: readonly MapSpec[], selected: readonly ProgramSpec[]): InitialSlots {
  const tailCalls = tailCallSlots(created, selected)
  const warnings = tailCalls.warning === undefined ? [] : [tailCalls.warning]
  const loaded = { map: new Set(created.map(map => map.name)), program: new Set(selected.map(program => program.name)) }
  const slots = new Map<string, MapSpec['slots']>()
  for (const { name, slots: own } of created) {
    const wanted = tailCalls.map === name ? tailCalls.slots : own
    slots.set(
      name,
      wanted.filter(slot => loaded[slot.kind].has(slot.name)),
    )
    for (const slot of wanted) {
      if (!loaded[slot.kind].has(slot.name))
        warnings.push(`map "${name}": slot ${slot.index} stays empty, ${slot.kind} "${slot.name}" is not loaded`)
    }
  }
  return { slots, warnings }
}
