import { CPrinter, resolve } from '@bpf/btf'
import type { KernelContext } from '../context'
import { plainNumbers } from '../objects/plain-numbers'
import type { OpenedStructOps } from './facts'
import { type StructType, structTypeOf } from './struct-type'
import { dataOf, programOf } from './value'

/** What `bpftool -j struct_ops dump` prints of one: what the kernel says of the map, then its value. */
export function bpftoolStructOps(context: KernelContext, { map, info }: OpenedStructOps): unknown[] {
  const type = structTypeOf(context, info)
  if (type === undefined) return [{ bpf_map_info: mapInfo(info) }]
  const value = plainNumbers({ ...asRecord(map.value()), data: dataFields(context, type, dataOf(map.value())) })
  return [{ bpf_map_info: mapInfo(info) }, { [type.valueName]: value }]
}

/** In the order and with the names of `struct bpf_map_info` (include/uapi/linux/bpf.h). */
function mapInfo(info: OpenedStructOps['info']): unknown {
  return plainNumbers({
    type: info.type,
    id: info.id,
    key_size: info.keySize,
    value_size: info.valueSize,
    max_entries: info.maxEntries,
    map_flags: info.flags,
    name: info.name,
    ifindex: info.ifindex,
    btf_vmlinux_value_type_id: info.btfVmlinuxValueTypeId,
    netns_dev: info.netnsDev,
    netns_ino: info.netnsIno,
    btf_id: info.btfId,
    btf_key_type_id: info.btfKeyTypeId,
    btf_value_type_id: info.btfValueTypeId,
    btf_vmlinux_id: info.btfVmlinuxId,
    map_extra: info.mapExtra,
  })
}

/** Functions as `u32 (struct sock *) ssthresh/prog_id:2960`, or 0 where there is none. */
function dataFields(context: KernelContext, { btf, members }: StructType, data: Readonly<Record<string, unknown>>): object {
  const printer = new CPrinter(btf)
  const fields = members.map(({ name, isFunction, typeId }) => {
    const pointer = resolve(btf, typeId)
    if (!isFunction || pointer.kind !== 'ptr') return [name, data[name]]
    const program = programOf(context, data[name])
    return [name, `${printer.declaration(pointer.type, '')} ${program === null ? '0' : `${program.name}/prog_id:${program.id}`}`]
  })
  return Object.fromEntries(fields)
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return (value ?? {}) as Readonly<Record<string, unknown>>
}
