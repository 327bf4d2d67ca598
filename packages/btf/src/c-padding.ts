const steps = [
  { type: 'long', bits: 64 },
  { type: 'int', bits: 32 },
  { type: 'short', bits: 16 },
] as const

/** From this size on, in bits, a hole is one array instead of hundreds of lines. */
const largeHole = 4096 * 8

/**
 * What keeps `[from, to)` free, a declaration each; offsets in bits from the start of the struct.
 *
 * Unnamed bitfields, each aligned to its own width, so that the compiler has nowhere else to put it: up to the alignment of `long` the
 * widths grow, then they shrink again. Unlike members, they leave the alignment of the struct alone, as does the
 * array of bytes in a large hole.
 */
export function paddingBetween(from: number, to: number): string[] {
  const paddings: string[] = []
  let at = from
  while (at < to) {
    const whole = steps.find(({ bits }) => at % bits === 0 && at + bits <= to)
    const bytes = Math.floor((to - at) / 8)
    if (at % 8 === 0 && bytes * 8 >= largeHole) {
      paddings.push(`char __hole_${at / 8}[${bytes}];`)
      at += bytes * 8
      continue
    }
    const bits = whole?.bits ?? Math.min(8 - (at % 8), to - at)
    paddings.push(`${whole?.type ?? 'char'}: ${bits};`)
    at += bits
  }
  return paddings
}
