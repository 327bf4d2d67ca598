import { existsSync } from 'node:fs'
import { fullProgramName } from '@bpf/kernel'
import { getMapInfo, getProgInfo, mapOps, type OwnedFd, objGet, tryOpenById } from '@bpf/sys'
import type { AttachContext } from '../context'
import { type DispatcherSlot, decodeDispatcherConfig, type ReadConfig } from './config'
import type { Ordered } from './order'
import { dispatcherDirectory, dispatcherPins, whileLocked } from './pins'

/** One of the programs behind a dispatcher. */
export interface DispatchedProgram extends DispatcherSlot, Ordered {
  readonly fd: OwnedFd
  readonly id: number
  readonly loaded: { readonly tag: Uint8Array; readonly loadTime: bigint }
}

/** Whether a program is a dispatcher, and what it says; undefined if it is none, or gone. @throws SyscallError */
export function readDispatcherConfig({ sys }: AttachContext, dispatcherId: number): ReadConfig | undefined {
  using program = tryOpenById(sys, 'prog', dispatcherId)
  if (program === undefined) return undefined
  const { name, mapIds } = getProgInfo(sys, program.fd)
  const [mapId, ...others] = mapIds
  if (name !== 'xdp_dispatcher' || mapId === undefined || others.length > 0) return undefined
  using map = tryOpenById(sys, 'map', mapId)
  if (map === undefined) return undefined
  const { keySize, valueSize, maxEntries } = getMapInfo(sys, map.fd)
  if (keySize !== 4 || maxEntries !== 1) return undefined
  const ops = mapOps(sys, map.fd, { keySize, valueSize })
  return ops.lookup() === 0 ? decodeDispatcherConfig(ops.value) : undefined
}

/** Opens the programs behind a dispatcher, by slot. Undefined if not all are pinned where they should be. @throws SyscallError */
export function openDispatched(
  context: AttachContext,
  ifindex: number,
  dispatcherId: number,
  slots: readonly DispatcherSlot[],
): readonly DispatchedProgram[] | undefined {
  const parent = dispatcherDirectory(context)
  const pins = dispatcherPins(parent, ifindex, dispatcherId)
  const opened: DispatchedProgram[] = []
  return whileLocked(context, parent, () => {
    if (!slots.every((_, slot) => existsSync(pins.program(slot)))) return undefined
    try {
      slots.forEach((slot, index) => {
        const fd = objGet(context.sys, { path: pins.program(index) })
        const { id, tag, loadTime } = getProgInfo(context.sys, fd.fd)
        opened.push({ ...slot, fd, id, name: fullProgramName(context.sys, fd.fd), loaded: { tag, loadTime } })
      })
    } catch (error) {
      for (const { fd } of opened) fd.close()
      throw error
    }
    return opened
  })
}
