import type { StructOpsPlan } from '@bpf/object'
import { type Fd, littleEndian } from '@bpf/sys'

/** What registering a struct_ops map takes: its value, in the kernel's layout. */
export interface StructOpsValue {
  readonly map: string
  /** By a link that can be pinned and updated, not by the update of the map alone. */
  readonly link: boolean
  readonly value: Uint8Array
}

/** The planned value with the descriptors of its programs. Functions whose programs are not loaded stay NULL. */
export function structOpsValue(plan: StructOpsPlan, programFd: (name: string) => Fd | undefined): StructOpsValue {
  const value = plan.value.slice()
  const view = new DataView(value.buffer)
  for (const { offset, program } of plan.programs) {
    const fd = programFd(program)
    if (fd !== undefined) view.setBigUint64(offset, BigInt(fd), littleEndian)
  }
  return { map: plan.map, link: plan.link, value }
}
