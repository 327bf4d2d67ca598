import { BpfError } from '@bpf/bytes'
import type { Selector } from '@bpf/kernel'
import { type AnyMap, mapTypeNoun, openMapFd, rawCodec } from '@bpf/maps'
import { getMapInfo, type MapInfo, MapType, orClose } from '@bpf/sys'
import type { KernelContext } from '../context'
import { openOne } from '../selector'
import type { ElementShape } from './element-words'

export interface OpenedMap extends Disposable {
  readonly map: AnyMap
  readonly info: MapInfo
}

/** What is wanted as bytes, though BTF may know more. */
export interface AsBytes {
  readonly key?: boolean
  readonly value?: boolean
}

/** The map that a selector stands for, for the caller to close. `choose` may look at it first. @throws BpfError */
export function openSelectedMap(context: KernelContext, selector: Selector, choose: (info: MapInfo) => AsBytes = () => ({})): OpenedMap {
  const fd = openOne(context, 'map', selector)
  return orClose(fd, () => {
    const info = getMapInfo(context.sys, fd.fd)
    const { key = false, value = false } = choose(info)
    const map = openMapFd(context, fd, {
      ...(key && { key: rawCodec(info.keySize) }),
      ...(value && { value: rawCodec(info.valueSize) }),
    })
    return { map, info, [Symbol.dispose]: () => map.close() }
  })
}

/** @throws BpfError if maps of its type have no keys */
export function keyShape({ id, name, type, keySize, btfKeyTypeId }: MapInfo): ElementShape {
  if (keySize === 0) {
    const hint = recordTypes.has(type) ? 'bpf map event_pipe shows its records' : 'bpf map push, peek and pop are for such maps'
    throw new BpfError('ERR_BPF_MAP_KIND', `map ${id} ${name} has no keys: it is ${mapTypeNoun(type)}`, { hint })
  }
  return { noun: 'key', size: keySize, typed: btfKeyTypeId !== 0 || ownedTypes.has(type) }
}

/** Local storage: what stands for a key is a process or a file, not its bytes. */
const ownedTypes: ReadonlySet<number> = new Set([MapType.TaskStorage, MapType.InodeStorage, MapType.CgrpStorage])

/** Whom a value in local storage belongs to: a process by its number, or a file or cgroup by its path. */
export function storageOwner(key: unknown): { readonly pid: number } | { readonly path: string } {
  return typeof key === 'number' ? { pid: key } : { path: String(key) }
}

export function valueShape({ valueSize, btfValueTypeId }: MapInfo): ElementShape {
  return { noun: 'value', size: valueSize, typed: btfValueTypeId !== 0 }
}

/** A kind of map cannot do what was asked. */
export function cannot(what: string, { info }: OpenedMap, hint?: string): BpfError {
  const { id, name, type } = info
  return new BpfError('ERR_BPF_MAP_KIND', `map ${id} ${name} cannot be ${what}: it is ${mapTypeNoun(type)}`, { hint })
}

const recordTypes: ReadonlySet<number> = new Set([MapType.Ringbuf, MapType.UserRingbuf])
