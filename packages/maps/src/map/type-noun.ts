import { snakeName } from '@bpf/bytes'
import { MapType } from '@bpf/sys'

/** A type of map in a sentence: `a queue`, `an array`. */
export function mapTypeNoun(type: number): string {
  const name = snakeName(MapType, type)
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`
}
