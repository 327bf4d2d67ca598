import { kindOfFd } from '@bpf/kernel'
import { getMapInfo, type OwnedFd } from '@bpf/sys'
import type { MapContext } from '../map/context'
import { compareShapes, type MapShape, shapeOfInfo } from '../map/shape'
import { pinObject, tryOpenPin } from './pin'
import { foreignPin, PinError, PinMismatchError } from './pin-error'

/**
 * What to do about a map that is pinned already: `reuse` it if it is what creating would make, `replace` it by a new one, or
 * `fail`.
 */
export type PinPolicy = 'reuse' | 'replace' | 'fail'

export interface PinnedMapOptions {
  readonly path: string
  /** What it must be to be reused. */
  readonly wanted: MapShape
  /** Makes a new one, for us to own. */
  readonly create: () => OwnedFd
  /** `reuse` unless given. */
  readonly policy?: PinPolicy | undefined
}

export interface PinnedMap {
  readonly fd: OwnedFd
  /** It existed: it has contents, and others may use it. */
  readonly reused: boolean
}

/** Someone else may pin, or unpin, between our looking and our acting. */
const attempts = 3

/**
 * The map that is pinned at a path, or a new one that is pinned there.
 *
 * @throws PinMismatchError if it cannot be reused, PinError, SyscallError, what `create` throws
 */
export function obtainPinnedMap(context: MapContext, options: PinnedMapOptions): PinnedMap {
  const { policy = 'reuse' } = options
  for (let attempt = 1; ; attempt++) {
    const found = policy === 'reuse' ? openPinnedAs(context, options) : undefined
    if (found !== undefined) return { fd: found, reused: true }
    try {
      return { fd: createPinned(context, options), reused: false }
    } catch (error) {
      const lostRace = policy === 'reuse' && error instanceof PinError && error.code === 'ERR_BPF_PIN_EXISTS'
      if (!lostRace || attempt === attempts) throw error
    }
  }
}

/**
 * The map that is pinned at a path, if creating `wanted` would make the same; undefined if nothing is pinned there.
 *
 * @throws PinMismatchError that names every field that differs, PinError if it is no map, SyscallError
 */
export function openPinnedAs(
  { sys, kernel }: MapContext,
  { path, wanted }: Pick<PinnedMapOptions, 'path' | 'wanted'>,
): OwnedFd | undefined {
  const fd = tryOpenPin(sys, path)
  if (fd === undefined) return undefined
  try {
    const kind = kindOfFd(fd.fd)
    if (kind !== 'map') throw foreignPin(path, kind)
    const machine = { pageSize: sys.native.pageSize, possibleCpus: kernel.possibleCpus }
    const differences = compareShapes(wanted, shapeOfInfo(getMapInfo(sys, fd.fd)), machine)
    if (differences.length > 0) throw new PinMismatchError(path, wanted.name, differences)
    return fd
  } catch (error) {
    fd.close()
    throw error
  }
}

function createPinned({ sys }: MapContext, { path, create, policy }: PinnedMapOptions): OwnedFd {
  const fd = create()
  try {
    pinObject(sys, fd.fd, path, { ifExists: policy === 'replace' ? 'replace' : 'fail' })
    return fd
  } catch (error) {
    fd.close()
    if (!(error instanceof PinError) || error.code !== 'ERR_BPF_PIN_EXISTS') throw error
    const hint = "remove it, or let the policy be 'reuse' or 'replace'"
    throw new PinError(error.code, path, 'is pinned already', { cause: error.cause, hint })
  }
}
