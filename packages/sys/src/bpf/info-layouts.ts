import { layout } from '../layout'

/** What BPF_OBJ_GET_INFO_BY_FD writes (include/uapi/linux/bpf.h), a table a structure. */

export const progInfo = layout({
  type: 'u32',
  id: 'u32',
  tag: 'bytes8',
  jitedProgLen: 'u32',
  xlatedProgLen: 'u32',
  jitedProgInsns: 'pointer',
  xlatedProgInsns: 'pointer',
  /** Nanoseconds since boot. */
  loadTime: 'u64',
  createdByUid: 'u32',
  nrMapIds: 'u32',
  mapIds: 'pointer',
  name: 'text16',
  ifindex: 'u32',
  /** Bit 0. */
  gplCompatible: 'u32',
  netnsDev: 'u64',
  netnsIno: 'u64',
  nrJitedKsyms: 'u32',
  nrJitedFuncLens: 'u32',
  jitedKsyms: 'pointer',
  jitedFuncLens: 'pointer',
  btfId: 'u32',
  funcInfoRecSize: 'u32',
  funcInfo: 'pointer',
  nrFuncInfo: 'u32',
  nrLineInfo: 'u32',
  lineInfo: 'pointer',
  jitedLineInfo: 'pointer',
  nrJitedLineInfo: 'u32',
  lineInfoRecSize: 'u32',
  jitedLineInfoRecSize: 'u32',
  nrProgTags: 'u32',
  progTags: 'pointer',
  runTimeNs: 'u64',
  runCnt: 'u64',
  recursionMisses: 'u64',
  verifiedInsns: 'u32',
  attachBtfObjId: 'u32',
  attachBtfId: 'u32',
  _pad: 'u32',
})

export const mapInfo = layout({
  type: 'u32',
  id: 'u32',
  keySize: 'u32',
  valueSize: 'u32',
  maxEntries: 'u32',
  mapFlags: 'u32',
  name: 'text16',
  ifindex: 'u32',
  btfVmlinuxValueTypeId: 'u32',
  netnsDev: 'u64',
  netnsIno: 'u64',
  btfId: 'u32',
  btfKeyTypeId: 'u32',
  btfValueTypeId: 'u32',
  btfVmlinuxId: 'u32',
  mapExtra: 'u64',
  hash: 'pointer',
  hashSize: 'u32',
  _pad: 'u32',
})

export const btfInfo = layout({ btf: 'pointer', btfSize: 'u32', id: 'u32', name: 'pointer', nameLen: 'u32', kernelBtf: 'u32' })

export const tokenInfo = layout({ allowedCmds: 'u64', allowedMaps: 'u64', allowedProgs: 'u64', allowedAttachs: 'u64' })

/** The union behind it is aligned to 8 bytes. */
const linkHead = { type: 'u32', id: 'u32', progId: 'u32', _pad: 'u32' } as const
const perfHead = { ...linkHead, perfType: 'u32', _perfPad: 'u32' } as const
const onInterface = { ...linkHead, ifindex: 'u32', attachType: 'u32' } as const

/** `struct bpf_link_info`: a common head and one tail a kind of link. */
export const linkInfo = {
  head: layout(linkHead),
  rawTracepoint: layout({ ...linkHead, tpName: 'pointer', tpNameLen: 'u32', _tailPad: 'u32', cookie: 'u64' }),
  tracing: layout({ ...linkHead, attachType: 'u32', targetObjId: 'u32', targetBtfId: 'u32', _tailPad: 'u32', cookie: 'u64' }),
  cgroup: layout({ ...linkHead, cgroupId: 'u64', attachType: 'u32' }),
  /** `mapId` for map iterators; `cgroupId` and `order`, or `tid` and `pid` in the same place. */
  iter: layout({ ...linkHead, targetName: 'pointer', targetNameLen: 'u32', mapId: 'u32', cgroupId: 'u64', order: 'u32' }),
  netns: layout({ ...linkHead, netnsIno: 'u32', attachType: 'u32' }),
  xdp: layout({ ...linkHead, ifindex: 'u32' }),
  structOps: layout({ ...linkHead, mapId: 'u32' }),
  netfilter: layout({ ...linkHead, pf: 'u32', hooknum: 'u32', priority: 's32', flags: 'u32' }),
  kprobeMulti: layout({ ...linkHead, addrs: 'pointer', count: 'u32', flags: 'u32', missed: 'u64', cookies: 'pointer' }),
  uprobeMulti: layout({
    ...linkHead,
    path: 'pointer',
    offsets: 'pointer',
    refCtrOffsets: 'pointer',
    cookies: 'pointer',
    pathSize: 'u32',
    count: 'u32',
    flags: 'u32',
    pid: 'u32',
  }),
  tracingMulti: layout({
    ...linkHead,
    attachType: 'u32',
    count: 'u32',
    btfObjId: 'u32',
    _tailPad: 'u32',
    ids: 'pointer',
    addrs: 'pointer',
    cookies: 'pointer',
  }),
  perfEvent: layout(perfHead),
  perfUprobe: layout({ ...perfHead, fileName: 'pointer', nameLen: 'u32', offset: 'u32', cookie: 'u64', refCtrOffset: 'u64' }),
  perfKprobe: layout({
    ...perfHead,
    funcName: 'pointer',
    nameLen: 'u32',
    offset: 'u32',
    addr: 'u64',
    missed: 'u64',
    cookie: 'u64',
  }),
  perfTracepoint: layout({ ...perfHead, tpName: 'pointer', nameLen: 'u32', _tailPad: 'u32', cookie: 'u64' }),
  perfRaw: layout({ ...perfHead, config: 'u64', eventType: 'u32', _tailPad: 'u32', cookie: 'u64' }),
  tcx: layout(onInterface),
  netkit: layout(onInterface),
  sockmap: layout({ ...linkHead, mapId: 'u32', attachType: 'u32' }),
} as const
