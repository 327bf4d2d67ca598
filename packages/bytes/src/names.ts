/** A table of kernel constants: name → number. */
export type NameTable = Readonly<Record<string, number>>

/** The key of `value` in a table of constants, or undefined. Tables are small: a scan is enough. */
export function nameOf<T extends NameTable>(table: T, value: number): (keyof T & string) | undefined {
  for (const name in table) if (table[name] === value) return name
  return undefined
}

/** `PercpuHash` → `percpu_hash`, the spelling of the kernel's headers in lower case. */
export function snakeCase(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, letter => `_${letter}`).toLowerCase()
}

/** The kernel's name of a constant in lower case, without its prefix: `snakeName(MapType, 5)` = `percpu_hash`; the number if it has none. */
export function snakeName(table: NameTable, value: number): string {
  const name = nameOf(table, value)
  return name === undefined ? String(value) : snakeCase(name)
}

/** The names of the flags set in `value`, and what is left over: `['Pinned', '0x40']`. */
export function flagNames(table: NameTable, value: number): string[] {
  const names: string[] = []
  let rest = value >>> 0
  for (const [name, bit] of Object.entries(table)) {
    if (bit !== 0 && (rest & bit) >>> 0 === bit >>> 0) {
      names.push(name)
      rest = (rest & ~bit) >>> 0
    }
  }
  if (rest !== 0) names.push(`0x${rest.toString(16)}`)
  return names
}

/** The names nearest to a misspelt one, best first, for "did you mean" hints. Fast enough for all functions of a kernel. */
export function nearNames(wanted: string, known: Iterable<string>, limit = 3): string[] {
  const best: { readonly name: string; readonly distance: number }[] = []
  const letters = letterMask(wanted)
  // With two edits, any name of two letters becomes any other.
  let furthest = wanted.length < 3 ? 1 : Math.max(2, Math.floor(wanted.length / 3))
  const longest = wanted.length + furthest + 1
  const rows = [new Uint16Array(longest), new Uint16Array(longest)] as const
  for (const name of known) {
    const distance = distanceOf(name)
    if (distance > furthest) continue
    best.push({ name, distance })
    best.sort((a, b) => a.distance - b.distance || a.name.length - b.name.length || (a.name < b.name ? -1 : 1))
    if (best.length > limit) best.pop()
    if (best.length === limit) furthest = best.at(-1)?.distance ?? furthest
  }
  return best.map(({ name }) => name)

  function distanceOf(name: string): number {
    if (name.includes(wanted)) return 1
    const isFar = Math.abs(name.length - wanted.length) > furthest || bitCount(letters ^ letterMask(name)) > 2 * furthest
    return isFar ? furthest + 1 : editDistance(wanted, name, furthest, rows)
  }
}

/** A bit a letter that occurs. One edit changes two of them at most, which tells most names apart without comparing them. */
function letterMask(name: string): number {
  let mask = 0
  for (let at = 0; at < name.length; at++) mask |= 1 << (name.charCodeAt(at) & 31)
  return mask
}

function bitCount(value: number): number {
  let bits = value - ((value >>> 1) & 0x55555555)
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333)
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** Levenshtein distance, abandoned as soon as it must exceed `limit`. `rows` are longer than `b`, their contents do not matter. */
function editDistance(a: string, b: string, limit: number, rows: readonly [Uint16Array, Uint16Array]): number {
  let [previous, row] = rows
  for (let j = 0; j <= b.length; j++) previous[j] = j
  for (let i = 1; i <= a.length; i++) {
    const letter = a.charCodeAt(i - 1)
    let best = i
    row[0] = i
    for (let j = 1; j <= b.length; j++) {
      const substituted = (previous[j - 1] ?? 0) + (letter === b.charCodeAt(j - 1) ? 0 : 1)
      const value = Math.min(substituted, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1)
      row[j] = value
      if (value < best) best = value
    }
    if (best > limit) return limit + 1
    ;[previous, row] = [row, previous]
  }
  return previous[b.length] ?? limit + 1
}
