import { BpfError } from '@bpf/bytes'
import type { Holder, Selector } from '@bpf/kernel'
import { openMapFd, type StructOpsMap, type StructOpsState } from '@bpf/maps'
import { getLinkInfo, getMapInfo, ids, type MapInfo, MapType, type OwnedFd, snakeName, tryOpenById } from '@bpf/sys'
import type { KernelContext } from '../context'
import { type Company, readCompany } from '../objects/company'
import { openSelected } from '../selector'
import { structTypeOf } from './struct-type'

/** What `bpf struct-ops list --json` says of an implementation of a kernel interface. */
export interface StructOpsFacts {
  /** Of the map. */
  readonly id: number
  readonly name: string
  /** The interface: `tcp_congestion_ops`. */
  readonly kernelStruct: string
  /** `inUse`: registered by the map itself; `ready`: it has its functions, and is registered if a link is there. */
  readonly state: StructOpsState
  /** Who holds it, as the kernel counts. */
  readonly references: number
  /** Ids of the links that registered it. */
  readonly links: readonly number[]
  readonly pinned: readonly string[]
  readonly pids: readonly Holder[]
}

/** A struct_ops map, opened. */
export interface OpenedStructOps extends Disposable {
  readonly map: StructOpsMap
  readonly info: MapInfo
}

export function isRegistered({ state, links }: StructOpsFacts): boolean {
  return state === 'inUse' || links.length > 0
}

/** Those that a selector stands for, or all there are; the caller closes them. @throws BpfError if it stands for another map */
export function openStructOps(context: KernelContext, selector: Selector | undefined): readonly OpenedStructOps[] {
  const opened: OpenedStructOps[] = []
  try {
    for (const fd of selector === undefined ? allMaps(context) : openSelected(context, 'map', selector)) {
      const structOps = openIfStructOps(context, fd)
      if (structOps !== undefined) opened.push(structOps)
      else if (selector !== undefined) throw notStructOps(selector)
    }
    return opened
  } catch (error) {
    for (const each of opened) each[Symbol.dispose]()
    throw error
  }
}

function* allMaps({ sys }: KernelContext): Generator<OwnedFd> {
  for (const id of ids(sys, 'map')) {
    const fd = tryOpenById(sys, 'map', id)
    if (fd !== undefined) yield fd
  }
}

/** Closes what is another map. */
function openIfStructOps(context: KernelContext, fd: OwnedFd): OpenedStructOps | undefined {
  const info = getMapInfo(context.sys, fd.fd)
  if (info.type !== MapType.StructOps) {
    fd.close()
    return undefined
  }
  const map = openMapFd(context, fd) as StructOpsMap
  return { map, info, [Symbol.dispose]: () => map.close() }
}

function notStructOps(selector: Selector): BpfError {
  return new BpfError('ERR_BPF_MAP_KIND', `${Object.entries(selector).flat().join(' ')} is a map, but no struct_ops`, {
    hint: 'bpf struct-ops list shows those there are',
  })
}

/** Looks at links, pins and processes once; the result answers for one map after the other. */
export function structOpsReader(context: KernelContext): (opened: OpenedStructOps) => StructOpsFacts {
  const companyOf: (id: number) => Company = readCompany(context, 'map')
  const links = structOpsLinks(context)
  return ({ map, info }) => ({
    id: info.id,
    name: info.name,
    kernelStruct: structTypeOf(context, info)?.name ?? snakeName(MapType, info.type),
    state: map.state(),
    references: map.references(),
    links: links.filter(({ mapId }) => mapId === info.id).map(({ id }) => id),
    ...companyOf(info.id),
  })
}

function structOpsLinks({ sys }: KernelContext): { readonly id: number; readonly mapId: number }[] {
  return [...ids(sys, 'link')].flatMap(id => {
    using link = tryOpenById(sys, 'link', id)
    const info = link && getLinkInfo(sys, link.fd)
    return info?.kind === 'structOps' ? [{ id, mapId: info.mapId }] : []
  })
}
