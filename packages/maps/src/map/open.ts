import type { Btf } from '@bpf/btf'
import { kindOfFd, readLoadedBtf } from '@bpf/kernel'
import { getBtfInfo, getMapInfo, type MapInfo, type Mapping, type OwnedFd, openById, orClose } from '@bpf/sys'
import { codecOf, codecsByBtf } from '../codec/by-btf'
import type { ValueCodec } from '../codec/codec'
import { tryOpenPin } from '../pin/pin'
import { foreignPin, PinError } from '../pin/pin-error'
import type { MapContext } from './context'
import { type AnyMap, buildHandle, defaultKeyCodec, defaultValueCodec } from './kinds'
import { type MapShape, shapeOfInfo } from './shape'

export interface MapCodecs {
  /** Of the map's key size; otherwise it is passed over. */
  readonly key?: ValueCodec<unknown> | undefined
  /** Of one value. */
  readonly value?: ValueCodec<unknown> | undefined
  /** Of the maps inside of a map-in-map; from their own BTF unless given. */
  readonly inner?: MapCodecs | undefined
}

export interface OpenMapOptions extends MapCodecs {
  /** The handle owns it. */
  readonly fd: OwnedFd
  readonly shape: MapShape
  /** Arenas: where it is mapped already. The handle owns it. */
  readonly memory?: Mapping | undefined
}

/**
 * The handle that a map of its type has, with codecs fitted to it: where none is given, or one of the wrong size, values and
 * keys are as the kernel prescribes them, or bytes. Values of per-CPU maps are arrays.
 */
export function openMap(context: MapContext, { fd, shape, key, value, inner, memory }: OpenMapOptions): AnyMap {
  return buildHandle({
    context,
    fd,
    shape,
    key: key?.size === shape.keySize ? key : defaultKeyCodec(shape),
    value: value?.size === shape.valueSize ? value : defaultValueCodec(shape),
    openInner: innerFd => openMapFd(context, innerFd, inner),
    memory,
  })
}

/**
 * A handle for a map that is known by its descriptor alone, which the handle owns, also when opening fails. Values are decoded
 * by the BTF that the map was created with, where it was. @throws SyscallError
 */
export function openMapFd(context: MapContext, fd: OwnedFd, codecs: MapCodecs = {}): AnyMap {
  return orClose(fd, () => {
    const info = getMapInfo(context.sys, fd.fd)
    return openMap(context, { ...ownCodecs(context, info), ...codecs, fd, shape: shapeOfInfo(info) })
  })
}

/** A handle for the map of this id. @throws SyscallError ENOENT if there is none */
export function openMapById(context: MapContext, id: number, codecs?: MapCodecs): AnyMap {
  return openMapFd(context, openById(context.sys, 'map', id), codecs)
}

/** A handle for the map that is pinned at a path. @throws PinError if there is none, or it may not be opened; SyscallError */
export function openPinnedMap(context: MapContext, path: string, codecs?: MapCodecs): AnyMap {
  const fd = tryOpenPin(context.sys, path)
  if (fd === undefined) throw new PinError('ERR_BPF_PIN_MISSING', path, 'has no map: nothing is pinned there')
  const kind = kindOfFd(fd.fd)
  if (kind === 'map') return openMapFd(context, fd, codecs)
  fd.close()
  throw foreignPin(path, kind)
}

/** Codecs by the BTF that came with the map; of struct_ops, by the kernel's own. */
function ownCodecs({ sys, kernel }: MapContext, info: MapInfo): MapCodecs {
  if (info.btfVmlinuxValueTypeId !== 0) {
    const btf = info.btfVmlinuxId === 0 ? kernel.vmlinuxBtf() : kernelBtf({ sys, kernel }, info.btfVmlinuxId)
    return { value: btf && codecOf(btf, info.btfVmlinuxValueTypeId) }
  }
  if (info.btfId === 0) return {}
  const btf = readLoadedBtf(sys, info.btfId, () => kernel.vmlinuxBtf())
  return codecsByBtf(btf, { type: info.type, keySize: info.keySize, keyTypeId: info.btfKeyTypeId, valueTypeId: info.btfValueTypeId })
}

/** BTF of vmlinux or a module, parsed once for all. */
function kernelBtf({ sys, kernel }: MapContext, id: number): Btf | undefined {
  using object = openById(sys, 'btf', id)
  const { name } = getBtfInfo(sys, object.fd)
  return name === 'vmlinux' ? kernel.vmlinuxBtf() : kernel.moduleBtf(name)
}
