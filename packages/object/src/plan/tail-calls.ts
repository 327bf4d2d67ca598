import { MapType } from '../constants/map-type'
import type { MapSpec, ProgramSpec } from '../spec'

export interface TailCallSlots {
  /** The program array; undefined when no program asks for a slot, or nothing says which array is meant. */
  readonly map: string | undefined
  readonly slots: MapSpec['slots']
  readonly warning: string | undefined
}

const none: TailCallSlots = { map: undefined, slots: [], warning: undefined }

/**
 * The slots that sections such as `socket/3` ask for. They do not name the program array, since the objects that are written
 * so have just one: the one without an initialiser of its own.
 */
export function tailCallSlots(maps: readonly MapSpec[], programs: readonly ProgramSpec[]): TailCallSlots {
  const slots = programs.flatMap(({ name, tailCallIndex }) =>
    tailCallIndex === undefined ? [] : [{ index: tailCallIndex, kind: 'program' as const, name }],
  )
  if (slots.length === 0) return none
  const arrays = maps.filter(map => map.type === MapType.ProgArray && map.slots.length === 0)
  const [array, other] = arrays
  if (array === undefined) return none
  if (other !== undefined) {
    const names = arrays.map(({ name }) => name).join(', ')
    return { ...none, warning: `slots ${slots.map(slot => slot.index).join(', ')} are left empty: several program arrays (${names})` }
  }
  return { map: array.name, slots, warning: undefined }
}
