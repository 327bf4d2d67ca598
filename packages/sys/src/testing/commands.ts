import { btfLoad } from '../bpf/btf'
import { getBtfBytes, getBtfInfo } from '../bpf/btf-info'
import { nextId, type ObjectKind, openById } from '../bpf/ids'
import { iterCreate, linkCreate, linkDetach, linkUpdate, rawTracepointOpen } from '../bpf/link'
import { mapCreate, mapFreeze } from '../bpf/map'
import { mapDeleteBatch, mapLookupAndDeleteBatch, mapLookupBatch, mapUpdateBatch } from '../bpf/map-batch'
import { mapOps } from '../bpf/map-ops'
import { objGet, objPin } from '../bpf/object'
import { progAssocStructOps, progBindMap, progLoad } from '../bpf/program'
import { progAttach, progDetach, progQuery } from '../bpf/program-attach'
import { enableStats } from '../bpf/stats'
import { progStreamRead } from '../bpf/stream'
import { taskFdQuery } from '../bpf/task-fd-query'
import { progTestRun } from '../bpf/test-run'
import { tokenCreate } from '../bpf/token'
import { AttachType } from '../constants/attach-type'
import { AttachFlag, ElemFlag, MapFlag, MultiFlag, ProgFlag, TestRunFlag } from '../constants/flags'
import { MapType } from '../constants/map-type'
import { ProgType } from '../constants/program-type'
import type { Fd } from '../owned-fd'
import type { Sys } from '../sys'

const fd = (number: number) => number as Fd
const code = Uint8Array.from([0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0])
const word = (...values: number[]) => new BigUint64Array(values.map(BigInt))
const relative = { relativeFd: fd(13), expectedRevision: 14n }
const kinds: readonly ObjectKind[] = ['prog', 'map', 'btf', 'link']
const batch = { fd: fd(3), count: 2, keys: new Uint8Array(8), values: new Uint8Array(16), elemFlags: ElemFlag.Lock }
const head = { progFd: fd(11), targetFd: fd(12), attachType: AttachType.TraceFentry }

/** Each command with everything it can carry, and some as small as they get. */
export const commands: Readonly<Record<string, (sys: Sys) => void>> = {
  'map create, smallest': sys => mapCreate(sys, { type: MapType.Hash, keySize: 4, valueSize: 8, maxEntries: 16 }),
  'map create, everything': sys =>
    mapCreate(sys, {
      type: MapType.StructOps,
      keySize: 4,
      valueSize: 8,
      maxEntries: 16,
      flags: MapFlag.TokenFd | MapFlag.NumaNode,
      name: 'fifteen_letters',
      innerMapFd: fd(3),
      numaNode: 1,
      ifindex: 2,
      btfFd: fd(4),
      btfKeyTypeId: 5,
      btfValueTypeId: 6,
      btfVmlinuxValueTypeId: 7,
      mapExtra: 0x1122334455667788n,
      valueTypeBtfObjFd: fd(8),
      tokenFd: fd(9),
      exclProgHash: new Uint8Array(32),
    }),
  'map create with a log (common attributes)': sys =>
    mapCreate(sys, { type: MapType.Hash, keySize: 4, valueSize: 8, maxEntries: 16, log: { buffer: new Uint8Array(256), level: 1 } }),
  'map freeze': sys => mapFreeze(sys, fd(3)),
  'map elements': sys => {
    const ops = mapOps(sys, fd(3), { keySize: 4, valueSize: 8 })
    ops.key.fill(1)
    ops.value.fill(2)
    ops.lookup()
    ops.lookup(ElemFlag.Cpu + 3 * 2 ** 32)
    ops.update()
    ops.update(ElemFlag.Noexist)
    ops.delete()
    ops.lookupAndDelete()
    ops.first()
    ops.next()
  },
  'queue elements': sys => {
    const ops = mapOps(sys, fd(3), { keySize: 0, valueSize: 4 })
    ops.update()
    ops.lookupAndDelete()
  },
  'map lookup batch': sys => mapLookupBatch(sys, { ...batch, inBatch: new Uint8Array(4), outBatch: new Uint8Array(4) }),
  'map lookup and delete batch': sys => mapLookupAndDeleteBatch(sys, { ...batch, outBatch: new Uint8Array(4) }),
  'map update batch': sys => mapUpdateBatch(sys, batch),
  'map delete batch': sys => mapDeleteBatch(sys, { fd: fd(3), count: 2, keys: new Uint8Array(8) }),
  'program load, smallest': sys => progLoad(sys, { type: ProgType.SocketFilter, insns: code, license: 'GPL' }),
  'program load, everything': sys =>
    progLoad(sys, {
      type: ProgType.Tracing,
      insns: code,
      license: 'GPL',
      name: 'name',
      flags: ProgFlag.Sleepable | ProgFlag.TokenFd,
      kernVersion: 0x050403,
      expectedAttachType: AttachType.TraceFentry,
      ifindex: 2,
      log: { buffer: new Uint8Array(128), level: 2 },
      btfFd: fd(3),
      funcInfo: new Uint8Array(8),
      lineInfo: new Uint8Array(32),
      attachBtfId: 1234,
      attachBtfObjFd: fd(4),
      coreRelos: new Uint8Array(16),
      fdArray: Int32Array.of(5, 6),
      bindFdArray: true,
      tokenFd: fd(7),
      signature: new Uint8Array(64),
      keyringId: -4,
    }),
  'program bind map': sys => progBindMap(sys, { progFd: fd(3), mapFd: fd(4) }),
  'program associated with struct_ops': sys => progAssocStructOps(sys, { progFd: fd(3), mapFd: fd(4) }),
  'program attach': sys =>
    progAttach(sys, {
      progFd: fd(3),
      targetFd: fd(4),
      attachType: AttachType.CgroupInetEgress,
      flags: AttachFlag.AllowMulti | AttachFlag.Replace,
      replaceFd: fd(5),
      ...relative,
    }),
  'program detach': sys => progDetach(sys, { progFd: fd(3), targetIfindex: 4, attachType: AttachType.TcxIngress }),
  'program query': sys => progQuery(sys, { targetFd: fd(3), attachType: AttachType.CgroupInetEgress, programFlags: true }),
  'program query with links': sys => progQuery(sys, { targetIfindex: 3, attachType: AttachType.TcxIngress, links: true }),
  'program test run': sys =>
    progTestRun(sys, {
      progFd: fd(3),
      dataIn: new Uint8Array(14),
      dataSizeOut: 64,
      ctxIn: new Uint8Array(8),
      ctxSizeOut: 8,
      repeat: 5,
      flags: TestRunFlag.OnCpu,
      cpu: 1,
      batchSize: 32,
    }),
  'program stream': sys => progStreamRead(sys, { progFd: fd(3), stream: 2, buffer: new Uint8Array(64) }),
  'object pin': sys => objPin(sys, fd(3), { path: '/sys/fs/bpf/x' }),
  'object pin below a directory': sys => objPin(sys, fd(3), { path: 'x', pathFd: fd(4) }),
  'object get': sys => objGet(sys, { path: '/sys/fs/bpf/x', flags: MapFlag.Rdonly }),
  'next ids': sys => {
    for (const kind of kinds) nextId(sys, kind, 7)
  },
  'descriptors by id': sys => {
    for (const kind of kinds) openById(sys, kind, 7)
    openById(sys, 'btf', 7, { flags: MapFlag.TokenFd, tokenFd: fd(3) })
  },
  'BTF info': sys => getBtfInfo(sys, fd(3)),
  'BTF bytes': sys => getBtfBytes(sys, fd(3)),
  'BTF load': sys =>
    btfLoad(sys, { btf: new Uint8Array(24), log: { buffer: new Uint8Array(128), level: 1 }, flags: MapFlag.TokenFd, tokenFd: fd(3) }),
  'raw tracepoint': sys => rawTracepointOpen(sys, { progFd: fd(3), name: 'sched_switch', cookie: 0x11n }),
  'task fd query': sys => taskFdQuery(sys, { pid: 1, fd: 2 }),
  'enable stats': sys => enableStats(sys),
  'iterator create': sys => iterCreate(sys, fd(3)),
  'token create': sys => tokenCreate(sys, { bpffsFd: fd(3) }),
  'link update': sys => linkUpdate(sys, { linkFd: fd(3), newProgFd: fd(4), oldProgFd: fd(5) }),
  'link detach': sys => linkDetach(sys, fd(3)),
  'link create: plain': sys => linkCreate(sys, head),
  'link create: freplace': sys => linkCreate(sys, head, { kind: 'targetBtfId', targetBtfId: 99 }),
  'link create: iterator': sys => linkCreate(sys, head, { kind: 'iter', iterInfo: new Uint8Array(16) }),
  'link create: perf event': sys => linkCreate(sys, head, { kind: 'perfEvent', cookie: 0x1122334455667788n }),
  'link create: kprobe multi by name': sys =>
    linkCreate(sys, head, { kind: 'kprobeMulti', symbols: ['vfs_read', 'vfs_write'], cookies: word(1, 2), flags: MultiFlag.Return }),
  'link create: kprobe multi by address': sys => linkCreate(sys, head, { kind: 'kprobeMulti', addresses: word(1, 2, 3) }),
  'link create: tracing': sys => linkCreate(sys, head, { kind: 'tracing', targetBtfId: 99, cookie: 0x11n }),
  'link create: netfilter': sys => linkCreate(sys, head, { kind: 'netfilter', pf: 2, hook: 1, priority: -128, flags: 1 }),
  'link create: uprobe multi': sys =>
    linkCreate(sys, head, {
      kind: 'uprobeMulti',
      path: '/bin/sh',
      offsets: word(8),
      refCtrOffsets: word(9),
      cookies: word(10),
      flags: 1,
      pid: 7,
    }),
  'link create: tcx': sys => linkCreate(sys, { ...head, targetFd: undefined, targetIfindex: 5 }, { kind: 'tcx', ...relative }),
  'link create: netkit': sys => linkCreate(sys, head, { kind: 'netkit', ...relative }),
  'link create: cgroup': sys => linkCreate(sys, head, { kind: 'cgroup', relativeId: 77, expectedRevision: 1n }),
  'link create: tracing multi': sys => linkCreate(sys, head, { kind: 'tracingMulti', ids: Uint32Array.of(1, 2), cookies: word(3, 4) }),
}
