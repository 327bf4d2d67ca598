import { listLinks, listMaps } from '@bpf/kernel'
import { infoLayouts, MapType, objGetInfo, tryOpenById } from '@bpf/sys'
import type { AttachContext } from '../context'
import { netfilterFamilies, netfilterHooks } from '../netfilter'
import { isRegisteredByUpdate } from '../struct-ops/struct-ops-update'
import { programName } from './hook'

/** A program on a netfilter hook. */
export interface AttachedNetfilter {
  readonly linkId: number
  readonly programId: number
  readonly programName: string | undefined
  /** A key of `netfilterFamilies`; the number where it has no name here. */
  readonly family: string | number
  /** A key of `netfilterHooks`; the number where it has no name here. */
  readonly hook: string | number
  readonly priority: number
  readonly flags: number
}

/** What is attached to netfilter hooks, by anyone, in any network namespace. @throws SyscallError */
export function queryNetfilter({ sys }: AttachContext): readonly AttachedNetfilter[] {
  return [...listLinks(sys)].flatMap(link => {
    if (link.kind !== 'netfilter') return []
    const { id: linkId, progId: programId, pf, priority, flags } = link
    const family = keyOf(netfilterFamilies, pf)
    const hook = keyOf(netfilterHooks, link.hook)
    return [{ linkId, programId, programName: programName(sys, programId), family, hook, priority, flags }]
  })
}

/** An implementation of a kernel interface that is registered. */
export interface AttachedStructOps {
  /** Undefined if the map itself is registered, without a link. */
  readonly linkId: number | undefined
  readonly mapId: number
  /** Undefined when the map is gone by now. */
  readonly mapName: string | undefined
}

/** The struct_ops maps that are registered, whosever they are and by whichever interface. @throws SyscallError */
export function queryStructOps(context: AttachContext): readonly AttachedStructOps[] {
  return [...linkedStructOps(context), ...registeredMaps(context)]
}

function linkedStructOps({ sys }: AttachContext): readonly AttachedStructOps[] {
  return [...listLinks(sys)].flatMap(link => {
    if (link.kind !== 'structOps') return []
    const { id: linkId, mapId } = link
    using map = tryOpenById(sys, 'map', mapId)
    return [{ linkId, mapId, mapName: map && objGetInfo(sys, map.fd, infoLayouts.mapInfo, {}).name }]
  })
}

function registeredMaps({ sys }: AttachContext): readonly AttachedStructOps[] {
  return [...listMaps(sys)].flatMap(({ id: mapId, name: mapName, type }) => {
    using map = type === MapType.StructOps ? tryOpenById(sys, 'map', mapId) : undefined
    return map !== undefined && isRegisteredByUpdate(sys, map.fd) ? [{ linkId: undefined, mapId, mapName }] : []
  })
}

function keyOf(table: Readonly<Record<string, number>>, value: number): string | number {
  return Object.keys(table).find(key => table[key] === value) ?? value
}
