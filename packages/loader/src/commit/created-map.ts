import { type MapShape, shapeOfInfo } from '@bpf/maps'
import type { MapPlan } from '@bpf/object'
import { getMapInfo, type Mapping, type OwnedFd, orClose } from '@bpf/sys'
import type { Context } from '../context'

/** A map of a plan that exists now. */
export interface CreatedMap {
  readonly plan: MapPlan
  /** What it is: as planned, or, of a map that was there already, as the kernel says. */
  readonly shape: MapShape
  readonly fd: OwnedFd
  /** Arenas: the memory that programs and we share. */
  readonly memory: Mapping | undefined
  /** False when the caller's hook, or a pin, provided it. */
  readonly created: boolean
  /** The pin that was made for it. */
  readonly pin?: NewPin
}

/** A pin that was made. Disposing of it puts things back as they were; `keep` leaves it. */
export interface NewPin extends Disposable {
  keep(): void
}

/** A map that existed before. Its descriptor is closed when it cannot be used. @throws SyscallError */
export function foundMap({ sys }: Context, plan: MapPlan, fd: OwnedFd): CreatedMap {
  const info = orClose(fd, () => getMapInfo(sys, fd.fd))
  return { plan, shape: { ...shapeOfInfo(info), name: plan.name }, fd, memory: undefined, created: false }
}
