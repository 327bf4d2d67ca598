import { PseudoCall, PseudoSource } from '@bpf/insn'
import type { FdHole, Poison } from '../plan-types'
import type { FunctionSpec, Reference } from '../spec'
import type { ExternTable, ExternValue } from './extern-table'
import { type CodeBuffer, writeCall, writeLoad, writePoison } from './instruction-forms'
import { ksymError } from './ksym'
import type { LinkedProgram } from './link'
import { PlanError } from './plan-error'

/** Helper ids in poisoned instructions; the verifier prints them, and the plan says what they stood for. */
export const MAP_POISON = 2001000000
export const KFUNC_POISON = 2002000000

/** `off` of a kernel function call is signed. */
const MAX_FD_ARRAY_INDEX = 0x7fff

/** A map as references see it. */
export interface ReferencedMap {
  /** Position among the object's maps, which is part of a poisoned load. */
  readonly index: number
  /** Why it is not created; undefined = it is. */
  readonly missing: string | undefined
  /** Bytes to add to offsets: where an arena's variables begin. */
  readonly base: number
}

/** What references can refer to, besides functions of the program itself. */
export interface ReferenceContext {
  readonly maps: ReadonlyMap<string, ReferencedMap>
  readonly externs: ExternTable
  /** Name of the `.kconfig` map. */
  readonly kconfigMap: string
  /** The map made of a jump table for a function at `slot` of the program. */
  jumpTable(name: string, user: FunctionSpec, slot: number): string
}

type Kind<K extends Reference['kind']> = Reference & { readonly kind: K }

/** Writes the references of one program into its code, and keeps what is left to the loader and what was given up. */
export class ReferenceWriter {
  readonly holes: FdHole[] = []
  readonly poisoned: Poison[] = []
  readonly #buffer: CodeBuffer
  readonly #linked: LinkedProgram
  readonly #context: ReferenceContext

  constructor(buffer: CodeBuffer, linked: LinkedProgram, context: ReferenceContext) {
    this.#buffer = buffer
    this.#linked = linked
    this.#context = context
  }

  /**
   * @param slot Of the instruction, from the start of the program.
   * @param user The function it is in.
   * @throws BpfError, if what it refers to cannot be had.
   */
  write(slot: number, reference: Reference, user: FunctionSpec): void {
    switch (reference.kind) {
      case 'function':
        this.#function(slot, reference)
        break
      case 'map':
        this.#map(slot, reference.map, undefined)
        break
      case 'mapValue':
        this.#map(slot, reference.map, reference.offset)
        break
      case 'extern':
        this.#extern(slot, reference)
        break
      case 'jumpTable':
        writeLoad(this.#buffer, slot, PseudoSource.MAP_VALUE, 0)
        this.holes.push({ slot, kind: 'mapValue', map: this.#context.jumpTable(reference.table, user, this.#slotOf(user.name)) })
        break
    }
  }

  #slotOf(name: string): number {
    const slot = this.#linked.slots.get(name)
    if (slot === undefined) throw new PlanError('ERR_BPF_PLAN_FUNCTION', `there is no function "${name}"`)
    return slot
  }

  #function(slot: number, reference: Kind<'function'>): void {
    const distance = this.#slotOf(reference.function) - slot - 1
    if (reference.address) writeLoad(this.#buffer, slot, PseudoSource.FUNC, distance)
    else writeCall(this.#buffer, slot, PseudoCall.CALL, distance)
  }

  /** @param offset Bytes into the map's value; undefined for the map itself. */
  #map(slot: number, name: string, offset: number | undefined): void {
    const map = this.#context.maps.get(name)
    if (map === undefined) throw new PlanError('ERR_BPF_PLAN_MAP', `there is no map "${name}"`)
    if (map.missing !== undefined) {
      const imm = MAP_POISON + map.index
      writePoison(this.#buffer, slot, imm)
      this.poisoned.push({ slot, imm, kind: 'map', map: name, explanation: `map "${name}" is not created: ${map.missing}` })
    } else if (offset === undefined) {
      writeLoad(this.#buffer, slot, PseudoSource.MAP_FD, 0)
      this.holes.push({ slot, kind: 'map', map: name })
    } else {
      writeLoad(this.#buffer, slot, PseudoSource.MAP_VALUE, 0, offset + map.base)
      this.holes.push({ slot, kind: 'mapValue', map: name })
    }
  }

  #extern(slot: number, reference: Kind<'extern'>): void {
    const value = this.#context.externs.values.get(reference.extern)
    if (value === undefined) throw new PlanError('ERR_BPF_PLAN_KSYM', `there is no extern "${reference.extern}"`)
    if (value instanceof Error) throw value
    if (reference.call) this.#kfuncCall(slot, value)
    else if (value.spec.kind === 'kconfig') this.#map(slot, this.#context.kconfigMap, value.spec.offset)
    else this.#ksym(slot, value)
  }

  #ksym(slot: number, { spec, ksym }: ExternValue): void {
    if (ksym?.kind === 'missing' && !spec.weak) throw ksymError(spec.name, ksym.reason, ksym.hint)
    if (ksym?.kind === 'btf') {
      writeLoad(this.#buffer, slot, PseudoSource.BTF_ID, ksym.typeId, 0)
      if (ksym.module !== undefined) this.holes.push({ slot, kind: 'moduleBtf', module: ksym.module })
      return
    }
    // A weak symbol that is absent has address 0, which programs test for.
    const address = ksym?.kind === 'address' ? ksym.address : 0n
    writeLoad(this.#buffer, slot, 0, Number(address & 0xffff_ffffn), Number(address >> 32n))
  }

  #kfuncCall(slot: number, { spec, index, ksym }: ExternValue): void {
    if (spec.kind !== 'kfunc') throw new PlanError('ERR_BPF_PLAN_KSYM', `extern "${spec.name}" is called, but it is no function`)
    if (ksym?.kind === 'btf') {
      const at = ksym.module === undefined ? 0 : this.#context.externs.kfuncModules.indexOf(ksym.module) + 1
      if (at > MAX_FD_ARRAY_INDEX)
        throw new PlanError('ERR_BPF_PLAN_KSYM', `extern "${spec.name}": functions of too many modules are called`)
      writeCall(this.#buffer, slot, PseudoCall.KFUNC_CALL, ksym.typeId, at)
      return
    }
    const reason = ksym?.kind === 'missing' ? ksym.reason : 'not found'
    if (!spec.weak) throw ksymError(spec.name, reason, ksym?.kind === 'missing' ? ksym.hint : undefined)
    const imm = KFUNC_POISON + index
    writePoison(this.#buffer, slot, imm)
    this.poisoned.push({ slot, imm, kind: 'kfunc', name: spec.name, explanation: `kernel function "${spec.name}": ${reason}` })
  }
}
