/** What a name belongs to: two static functions may share theirs. */
interface Named {
  readonly name: string
  readonly section: { readonly name: string }
  readonly offset: number
}

/**
 * Names are how a spec refers to things, so each must stand for one: `helper`, and for the second of that name
 * `helper@.text+0x40`.
 */
export class UniqueNames {
  readonly #taken = new Map<string, number>()

  take({ name, section, offset }: Named): string {
    if (this.#claim(name) === 1) return name
    const place = `${name}@${section.name}+0x${offset.toString(16)}`
    const count = this.#claim(place)
    return count === 1 ? place : `${place}#${count}`
  }

  /** How often the name was claimed, this time included. */
  #claim(name: string): number {
    const count = (this.#taken.get(name) ?? 0) + 1
    this.#taken.set(name, count)
    return count
  }
}
