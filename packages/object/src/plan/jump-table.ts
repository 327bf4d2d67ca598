import { ByteWriter } from '@bpf/bytes'
import { SLOT_SIZE, slotCount } from '@bpf/insn'
import { MapType } from '../constants/map-type'
import type { MapPlan } from '../plan-types'
import type { FunctionSpec, JumpTableSpec } from '../spec'
import { PlanError } from './plan-error'

/** `struct bpf_insn_array_value`: original, translated and jitted offset, padding. Only the first is ours to write. */
const VALUE_SIZE = 16

/**
 * The map of a jump table as one program uses it: entries count slots from the start of the program, whereas the compiler
 * counts bytes from the start of the section of the function that jumps.
 *
 * @param slot Where that function begins in the program.
 * @throws PlanError for an entry outside the function.
 */
export function jumpTableMap(name: string, table: JumpTableSpec, user: FunctionSpec, slot: number, littleEndian: boolean): MapPlan {
  const writer = new ByteWriter({ littleEndian, capacity: table.entries.length * VALUE_SIZE })
  const length = BigInt(slotCount(user.code))
  for (const [index, entry] of table.entries.entries()) {
    const target = (entry - BigInt(user.offset)) / BigInt(SLOT_SIZE)
    if (entry < user.offset || target >= length) {
      throw new PlanError('ERR_BPF_PLAN_JUMP_TABLE', `jump table "${table.name}": entry ${index} is outside the function "${user.name}"`)
    }
    writer.u32(Number(target) + slot).bytes(new Uint8Array(VALUE_SIZE - 4))
  }
  return {
    name,
    kernelName: '.jumptables',
    type: MapType.InsnArray,
    keySize: 4,
    valueSize: VALUE_SIZE,
    maxEntries: table.entries.length,
    flags: 0,
    mapExtra: 0n,
    numaNode: 0,
    ifindex: 0,
    keyTypeId: 0,
    valueTypeId: 0,
    vmlinuxValueType: undefined,
    inner: undefined,
    pinning: 'none',
    pinPath: undefined,
    contents: undefined,
    contentsOffset: 0,
    entries: writer.toBytes(),
    freeze: true,
    slots: [],
  }
}
