import { type AnyMap, openMap } from '@bpf/maps'
import type { ObjectSpec } from '@bpf/object'
import { mapCodecs } from './codecs'
import type { CreatedMap } from './commit/created-map'
import type { Context } from './context'

/** The handle that a map of its type has, decoding by the object's BTF; it owns descriptor and memory from here on. */
export function openHandle(context: Context, spec: ObjectSpec, { plan, shape, fd, memory }: CreatedMap): AnyMap {
  return openMap(context, { fd, shape, memory, ...mapCodecs(spec, plan.name) })
}
