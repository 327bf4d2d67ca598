import { type Btf, type BtfType, rewriteBtf, type TypeId, type TypeInput } from '@bpf/btf'

/** Changes to an object's BTF on its way to the kernel, collected before anything is written. Ids stay what they are. */
export class BtfEdit {
  readonly btf: Btf
  readonly #changed = new Map<number, TypeInput>()
  readonly #appended: TypeInput[] = []

  constructor(btf: Btf) {
    this.btf = btf
  }

  /** A type of the object as it is now. */
  get(id: number): BtfType | TypeInput {
    return this.#changed.get(id) ?? this.btf.type(id)
  }

  /** Replaces a type. */
  set(id: number, type: TypeInput): void {
    this.#changed.set(id, type)
  }

  /** Adds a type behind all others. */
  append(type: TypeInput): TypeId {
    this.#appended.push(type)
    return (this.btf.endId + this.#appended.length - 1) as TypeId
  }

  /** The object's own bytes when nothing was changed. @throws BtfError, BtfBuildError */
  toBytes(): Uint8Array {
    if (this.#changed.size === 0 && this.#appended.length === 0) return this.btf.bytes
    return rewriteBtf(this.btf, this.#changed, { append: this.#appended })
  }
}
