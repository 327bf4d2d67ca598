import { listLinks } from '@bpf/kernel'
import { infoLayouts, objGetInfo, tryOpenById } from '@bpf/sys'
import type { AttachContext } from '../context'
import { netfilterFamilies, netfilterHooks } from '../netfilter'
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

/** An implementation of a kernel interface that is registered by a link. */
export interface AttachedStructOps {
  readonly linkId: number
  readonly mapId: number
  /** Undefined when the map is gone by now. */
  readonly mapName: string | undefined
}

/** The struct_ops maps that links registered, whosever they are. @throws SyscallError */
export function queryStructOps({ sys }: AttachContext): readonly AttachedStructOps[] {
  return [...listLinks(sys)].flatMap(link => {
    if (link.kind !== 'structOps') return []
    const { id: linkId, mapId } = link
    using map = tryOpenById(sys, 'map', mapId)
    return [{ linkId, mapId, mapName: map && objGetInfo(sys, map.fd, infoLayouts.mapInfo, {}).name }]
  })
}

function keyOf(table: Readonly<Record<string, number>>, value: number): string | number {
  return Object.keys(table).find(key => table[key] === value) ?? value
}
