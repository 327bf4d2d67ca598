import {
  type BtfInfo,
  type Fd,
  getBtfInfo,
  getLinkInfo,
  getMapInfo,
  getProgInfo,
  ids,
  type LinkInfo,
  type MapInfo,
  type ObjectKind,
  type ProgInfo,
  type ProgInfoOptions,
  type Sys,
  tryOpenById,
} from '@bpf/sys'

/**
 * What is loaded now, one at a time, in order of id. Objects that go away meanwhile are left out. Needs CAP_SYS_ADMIN.
 *
 * @throws SyscallError
 */
function* list<T>(sys: Sys, kind: ObjectKind, read: (fd: Fd) => T): Generator<T> {
  for (const id of ids(sys, kind)) {
    using object = tryOpenById(sys, kind, id)
    if (object !== undefined) yield read(object.fd)
  }
}

/** Every program. @throws SyscallError */
export function listPrograms(sys: Sys, want?: ProgInfoOptions): Generator<ProgInfo> {
  return list(sys, 'prog', fd => getProgInfo(sys, fd, want))
}

/** Every map. @throws SyscallError */
export function listMaps(sys: Sys): Generator<MapInfo> {
  return list(sys, 'map', fd => getMapInfo(sys, fd))
}

/** Every link. @throws SyscallError */
export function listLinks(sys: Sys): Generator<LinkInfo> {
  return list(sys, 'link', fd => getLinkInfo(sys, fd))
}

/** BTF of vmlinux, of modules, and all that programs were loaded with. @throws SyscallError */
export function listBtf(sys: Sys): Generator<BtfInfo> {
  return list(sys, 'btf', fd => getBtfInfo(sys, fd))
}
