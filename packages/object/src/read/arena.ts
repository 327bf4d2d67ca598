import { SectionType } from '@bpf/elf'
import { MapType } from '../constants/map-type'
import { ObjectError } from '../object-error'
import type { MapSpec } from '../spec'
import type { PlacedMap } from './btf-maps'
import { contentsOf, type ObjectFile, type ObjectSection, sectionsWithRole } from './object-file'

/** No kernel has larger pages; the plan checks with those of its target. */
const LARGEST_PAGE = 65536

/** The object's arena, and the section of the global variables that live in it. */
export interface Arena {
  readonly map: MapSpec
  readonly section: ObjectSection
}

/**
 * Puts the bytes of `.addr_space.1` into the object's arena map, of which there may be one.
 * @throws ObjectError
 */
export function readArena(file: ObjectFile, maps: readonly PlacedMap[]): Arena | undefined {
  const [first, second] = maps.filter(({ map }) => map.type === MapType.Arena)
  if (second !== undefined) {
    throw arenaError(`maps "${first?.map.name}" and "${second.map.name}" are both arenas: an object can have one`, second.map.name)
  }
  const [section] = sectionsWithRole(file, 'arena')
  if (section === undefined || section.size === 0) return undefined
  if (first === undefined) {
    throw arenaError(
      `section ${section.name} has arena variables, but no map of .maps is an arena`,
      undefined,
      'Declare a map of type BPF_MAP_TYPE_ARENA.',
    )
  }
  const { map } = first
  if (section.size > map.maxEntries * LARGEST_PAGE) {
    throw arenaError(
      `arena "${map.name}" (${map.maxEntries} pages) is too small for the ${section.size} bytes of section ${section.name}`,
      map.name,
    )
  }
  if (section.elf.type !== SectionType.Nobits) map.contents = contentsOf(file, section).slice()
  return { map, section }
}

function arenaError(message: string, symbol: string | undefined, hint?: string): ObjectError {
  return new ObjectError('ERR_BPF_OBJECT_ARENA', message, { section: '.addr_space.1', symbol, hint })
}
