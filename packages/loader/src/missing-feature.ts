import type { Kernel } from '@bpf/kernel'
import type { MapPlan, ProgramPlan } from '@bpf/object'
import { AttachType, MapFlag, MapType, ProgType, snakeName } from '@bpf/sys'

/** What of a map's plan this kernel does not know, as bpf.h names it; undefined when it knows everything, or cannot tell. */
export function missingMapFeature({ features }: Kernel, plan: MapPlan): string | undefined {
  if (features.mapType(plan.type) === false) return `map type ${snakeName(MapType, plan.type)}`
  const flag = Object.values(MapFlag).find(bit => (plan.flags & bit) !== 0 && features.mapFlag(bit) === false)
  return flag === undefined ? undefined : `map flag ${snakeName(MapFlag, flag)}`
}

/** The same for a program. */
export function missingProgramFeature({ features }: Kernel, plan: ProgramPlan): string | undefined {
  if (features.programType(plan.type) === false) return `program type ${snakeName(ProgType, plan.type)}`
  if (plan.expectedAttachType !== 0 && !usesIndexAsAttachType(plan) && features.attachType(plan.expectedAttachType) === false) {
    return `attach type ${snakeName(AttachType, plan.expectedAttachType)}`
  }
  return undefined
}

/** struct_ops programs say there which member they are. */
function usesIndexAsAttachType(plan: ProgramPlan): boolean {
  return plan.type === ProgType.StructOps
}
