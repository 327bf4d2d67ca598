import { type AnyMap, codecOf, openMap, type ValueCodec } from '@bpf/maps'
import type { MapPlan, ObjectSpec } from '@bpf/object'
import { mapCodecs } from './codecs'
import type { CreatedMap } from './commit/created-map'
import type { Context } from './context'

/** The handle that a map of its type has, decoding by the object's BTF; it owns descriptor and memory from here on. */
export function openHandle(context: Context, spec: ObjectSpec, { plan, shape, fd, memory }: CreatedMap): AnyMap {
  const value = kernelValueCodec(context, plan)
  return openMap(context, { fd, shape, memory, ...(value === undefined ? mapCodecs(spec, plan.name) : { value }) })
}

/** Of struct_ops: the kernel's own type. */
function kernelValueCodec({ kernel }: Context, { vmlinuxValueType }: MapPlan): ValueCodec<unknown> | undefined {
  if (vmlinuxValueType === undefined) return undefined
  const { typeId, module } = vmlinuxValueType
  const btf = module === undefined ? kernel.vmlinuxBtf() : kernel.moduleBtf(module)
  return btf && codecOf(btf, typeId)
}
