import { type Btf, CPrinter, resolve, skipModifiers } from '@bpf/btf'
import { getBtfInfo, type MapInfo, openById } from '@bpf/sys'
import type { KernelContext } from '../context'

/** What the kernel calls the values of such maps, before the name of the interface. */
const valuePrefix = 'bpf_struct_ops_'

/** A member of the interface. */
export interface StructMember {
  readonly name: string
  /** As C has it: `u32 (*)(struct sock *)`. */
  readonly type: string
  /** Whether an implementation has a program there. */
  readonly isFunction: boolean
  /** In `btf`. */
  readonly typeId: number
}

/** A kernel interface that BPF can implement, as the kernel's BTF describes it. */
export interface StructType {
  readonly btf: Btf
  /** `tcp_congestion_ops` */
  readonly name: string
  /** `bpf_struct_ops_tcp_congestion_ops` */
  readonly valueName: string
  readonly members: readonly StructMember[]
}

/** Undefined where the kernel's types cannot be read. */
export function structTypeOf(context: KernelContext, { btfVmlinuxValueTypeId, btfVmlinuxId }: MapInfo): StructType | undefined {
  const btf = btfVmlinuxId === 0 ? context.kernel.vmlinuxBtf() : kernelBtf(context, btfVmlinuxId)
  if (btf === undefined || btfVmlinuxValueTypeId === 0 || btfVmlinuxValueTypeId >= btf.endId) return undefined
  const value = btf.type(btfVmlinuxValueTypeId)
  const data = value.kind === 'struct' ? value.members.find(({ name }) => name === 'data') : undefined
  const struct = data && resolve(btf, data.type)
  if (struct?.kind !== 'struct') return undefined
  const printer = new CPrinter(btf)
  const members = struct.members.map(({ name, type }) => ({
    name,
    type: printer.declaration(type, ''),
    isFunction: isFunctionPointer(btf, type),
    typeId: type,
  }))
  return { btf, name: value.name.replace(valuePrefix, ''), valueName: value.name, members }
}

/** Of vmlinux or a module. */
function kernelBtf({ sys, kernel }: KernelContext, id: number): Btf | undefined {
  using object = openById(sys, 'btf', id)
  const { name } = getBtfInfo(sys, object.fd)
  return name === 'vmlinux' ? kernel.vmlinuxBtf() : kernel.moduleBtf(name)
}

function isFunctionPointer(btf: Btf, type: number): boolean {
  const pointer = resolve(btf, type)
  return pointer.kind === 'ptr' && skipModifiers(btf, pointer.type).kind === 'funcProto'
}
