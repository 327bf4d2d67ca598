import { AsmError } from './asm-error'
import type { Token } from './asm-lexer'

/** Where labels are. Names are defined once; numbers, as often as wanted, are used as `1b` (the last before) and `1f` (the next). */
export class LabelTable {
  readonly named = new Map<string, number>()
  readonly #numbered = new Map<string, number[]>()

  /** @throws AsmError for a name that is taken. */
  define(token: Token, slot: number): void {
    if (token.kind === 'number') {
      const slots = this.#numbered.get(token.text)
      if (slots === undefined) this.#numbered.set(token.text, [slot])
      else slots.push(slot)
      return
    }
    if (this.named.has(token.text)) throw new AsmError(token, `label "${token.text}" is already defined`)
    this.named.set(token.text, slot)
  }

  /** The slot that a name or direction means in the instruction at `slot`. */
  find(token: Token, slot: number): number | undefined {
    if (token.kind !== 'direction') return this.named.get(token.text)
    const slots = this.#numbered.get(token.text.slice(0, -1)) ?? []
    const following = firstAbove(slots, slot)
    return token.text.endsWith('f') ? slots[following] : slots[following - 1]
  }
}

/** Index of the first element above a value in an ascending array. */
function firstAbove(ascending: readonly number[], value: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ascending[middle] ?? 0) > value) high = middle
    else low = middle + 1
  }
  return low
}
