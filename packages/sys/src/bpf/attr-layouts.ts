import { layout } from '../layout'

/**
 * `union bpf_attr` (include/uapi/linux/bpf.h), one table a command or family of commands. Where the header has a union
 * of two names for one field, the first is used here. The header's comments are the reference for each field.
 */

export const mapCreate = layout({
  mapType: 'u32',
  keySize: 'u32',
  valueSize: 'u32',
  maxEntries: 'u32',
  mapFlags: 'u32',
  innerMapFd: 'u32',
  numaNode: 'u32',
  mapName: 'text16',
  mapIfindex: 'u32',
  btfFd: 'u32',
  btfKeyTypeId: 'u32',
  btfValueTypeId: 'u32',
  btfVmlinuxValueTypeId: 'u32',
  mapExtra: 'u64',
  valueTypeBtfObjFd: 's32',
  mapTokenFd: 's32',
  exclProgHash: 'pointer',
  exclProgHashSize: 'u32',
})

/** BPF_MAP_{LOOKUP,UPDATE,DELETE,LOOKUP_AND_DELETE}_ELEM, BPF_MAP_GET_NEXT_KEY (`value` is `next_key`), BPF_MAP_FREEZE. */
export const mapElement = layout({ mapFd: 'u32', key: 'pointer', value: 'pointer', flags: 'u64' })

export const mapBatch = layout({
  inBatch: 'pointer',
  outBatch: 'pointer',
  keys: 'pointer',
  values: 'pointer',
  count: 'u32',
  mapFd: 'u32',
  elemFlags: 'u64',
  flags: 'u64',
})

export const progLoad = layout({
  progType: 'u32',
  insnCnt: 'u32',
  insns: 'pointer',
  license: 'pointer',
  logLevel: 'u32',
  logSize: 'u32',
  logBuf: 'pointer',
  kernVersion: 'u32',
  progFlags: 'u32',
  progName: 'text16',
  progIfindex: 'u32',
  expectedAttachType: 'u32',
  progBtfFd: 'u32',
  funcInfoRecSize: 'u32',
  funcInfo: 'pointer',
  funcInfoCnt: 'u32',
  lineInfoRecSize: 'u32',
  lineInfo: 'pointer',
  lineInfoCnt: 'u32',
  attachBtfId: 'u32',
  /** Also `attach_btf_obj_fd`. */
  attachProgFd: 'u32',
  coreReloCnt: 'u32',
  fdArray: 'pointer',
  coreRelos: 'pointer',
  coreReloRecSize: 'u32',
  logTrueSize: 'u32',
  progTokenFd: 's32',
  fdArrayCnt: 'u32',
  signature: 'pointer',
  signatureSize: 'u32',
  keyringId: 's32',
})

/** BPF_OBJ_PIN, BPF_OBJ_GET. */
export const objPath = layout({ pathname: 'pointer', bpfFd: 'u32', fileFlags: 'u32', pathFd: 's32' })

/** BPF_PROG_ATTACH, BPF_PROG_DETACH. */
export const progAttach = layout({
  /** Also `target_ifindex`. */
  targetFd: 'u32',
  attachBpfFd: 'u32',
  attachType: 'u32',
  attachFlags: 'u32',
  replaceBpfFd: 'u32',
  /** Also `relative_id`. */
  relativeFd: 'u32',
  expectedRevision: 'u64',
})

export const testRun = layout({
  progFd: 'u32',
  retval: 'u32',
  dataSizeIn: 'u32',
  dataSizeOut: 'u32',
  dataIn: 'pointer',
  dataOut: 'pointer',
  repeat: 'u32',
  duration: 'u32',
  ctxSizeIn: 'u32',
  ctxSizeOut: 'u32',
  ctxIn: 'pointer',
  ctxOut: 'pointer',
  flags: 'u32',
  cpu: 'u32',
  batchSize: 'u32',
})

/** BPF_*_GET_NEXT_ID (`id` is `start_id`), BPF_*_GET_FD_BY_ID (`id` is `prog_id`, `map_id`, …). */
export const getId = layout({ id: 'u32', nextId: 'u32', openFlags: 'u32', fdByIdTokenFd: 's32' })

export const objInfo = layout({ bpfFd: 'u32', infoLen: 'u32', info: 'pointer' })

export const progQuery = layout({
  /** Also `target_ifindex`. */
  targetFd: 'u32',
  attachType: 'u32',
  queryFlags: 'u32',
  attachFlags: 'u32',
  progIds: 'pointer',
  count: 'u32',
  _pad: 'u32',
  progAttachFlags: 'pointer',
  linkIds: 'pointer',
  linkAttachFlags: 'pointer',
  revision: 'u64',
})

export const rawTracepointOpen = layout({ name: 'pointer', progFd: 'u32', _pad: 'u32', cookie: 'u64' })

export const btfLoad = layout({
  btf: 'pointer',
  btfLogBuf: 'pointer',
  btfSize: 'u32',
  btfLogSize: 'u32',
  btfLogLevel: 'u32',
  btfLogTrueSize: 'u32',
  btfFlags: 'u32',
  btfTokenFd: 's32',
})

export const taskFdQuery = layout({
  pid: 'u32',
  fd: 'u32',
  flags: 'u32',
  bufLen: 'u32',
  buf: 'pointer',
  progId: 'u32',
  fdType: 'u32',
  probeOffset: 'u64',
  probeAddr: 'u64',
})

/** `prog_fd` (also `map_fd`), `target_fd` (also `target_ifindex`). */
const linkHead = { progFd: 'u32', targetFd: 'u32', attachType: 'u32', flags: 'u32' } as const
const relative = { ...linkHead, relativeFd: 'u32', expectedRevision: 'u64' } as const

/** BPF_LINK_CREATE: a common head and one tail a kind of link. */
export const linkCreate = {
  plain: layout(linkHead),
  /** freplace. */
  targetBtfId: layout({ ...linkHead, targetBtfId: 'u32' }),
  iter: layout({ ...linkHead, iterInfo: 'pointer', iterInfoLen: 'u32' }),
  perfEvent: layout({ ...linkHead, bpfCookie: 'u64' }),
  kprobeMulti: layout({ ...linkHead, multiFlags: 'u32', cnt: 'u32', syms: 'pointer', addrs: 'pointer', cookies: 'pointer' }),
  tracing: layout({ ...linkHead, targetBtfId: 'u32', cookie: 'u64' }),
  netfilter: layout({ ...linkHead, pf: 'u32', hooknum: 'u32', priority: 's32', netfilterFlags: 'u32' }),
  tcx: layout(relative),
  uprobeMulti: layout({
    ...linkHead,
    path: 'pointer',
    offsets: 'pointer',
    refCtrOffsets: 'pointer',
    cookies: 'pointer',
    cnt: 'u32',
    multiFlags: 'u32',
    pid: 'u32',
    pathFd: 'u32',
  }),
  netkit: layout(relative),
  cgroup: layout(relative),
  tracingMulti: layout({ ...linkHead, ids: 'pointer', cookies: 'pointer', cnt: 'u32' }),
} as const

/** `new_prog_fd` also `new_map_fd`, `old_prog_fd` also `old_map_fd`. */
export const linkUpdate = layout({ linkFd: 'u32', newProgFd: 'u32', flags: 'u32', oldProgFd: 'u32' })

export const linkDetach = layout({ linkFd: 'u32' })

export const enableStats = layout({ type: 'u32' })

export const iterCreate = layout({ linkFd: 'u32', flags: 'u32' })

export const progBindMap = layout({ progFd: 'u32', mapFd: 'u32', flags: 'u32' })

export const tokenCreate = layout({ flags: 'u32', bpffsFd: 'u32' })

export const progStreamRead = layout({ streamBuf: 'pointer', streamBufLen: 'u32', streamId: 'u32', progFd: 'u32' })

export const progAssocStructOps = layout({ mapFd: 'u32', progFd: 'u32', flags: 'u32' })

/** `struct bpf_common_attr`: a log for any command, passed beside its attributes with BPF_COMMON_ATTRS. */
export const commonAttr = layout({ logBuf: 'pointer', logSize: 'u32', logLevel: 'u32', logTrueSize: 'u32' })

/**
 * Memory given to the kernel as `union bpf_attr`, in bytes; more than any version of the union has. Some commands write
 * results at fixed offsets whatever size was announced, so the memory is always whole.
 */
export const attrMemory = 256
