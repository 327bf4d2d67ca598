import { encodeBtf } from '@bpf/btf'
import {
  btfLoad,
  Errno,
  type Fd,
  getBtfInfo,
  LogLevel,
  MapType,
  mapCreate,
  mapLookupBatch,
  ProgType,
  progBindMap,
  progLoad,
  progStreamRead,
  Stream,
  tokenCreate,
} from '@bpf/sys'
import { assemble, call, exit, returnZero } from './code'
import { errnoOf, judge, judgeFailure, type Probe, type ProbeContext, tryProgram } from './probe'

const code = assemble(returnZero)
const nothing = 0x7fff_ffff as Fd
const helperKtimeGetCoarseNs = 160

const minimalProgram = ({ sys }: ProbeContext) => progLoad(sys, { type: ProgType.SocketFilter, insns: code, license: 'GPL' }).fd
const minimalMap = ({ sys }: ProbeContext) => mapCreate(sys, { type: MapType.Array, keySize: 4, valueSize: 4, maxEntries: 1 })

/** What bpf(2) itself can do. The comment is the kernel that brought it. */
export const syscallProbes = {
  /** 5.6 */
  mapBatch(context) {
    using map = minimalMap(context)
    const result = mapLookupBatch(context.sys, {
      fd: map.fd,
      count: 1,
      keys: new Uint8Array(4),
      values: new Uint8Array(4),
      outBatch: new Uint8Array(4),
    })
    return judgeFailure(result.errno, Errno.ENOENT)
  },

  /** 5.10 */
  progBindMap(context) {
    using map = minimalMap(context)
    using program = minimalProgram(context)
    return judge(errnoOf(() => progBindMap(context.sys, { progFd: program.fd, mapFd: map.fd })))
  },

  /** 5.11: BTF has a name, as that of modules needs. */
  moduleBtf({ sys }) {
    const btf = encodeBtf([{ kind: 'int', name: 'int', size: 4 }])
    const errno = errnoOf(() => {
      using loaded = btfLoad(sys, { btf }).fd
      getBtfInfo(sys, loaded.fd)
    })
    return judge(errno)
  },

  /** 5.11: memory counts for the cgroup, not for RLIMIT_MEMLOCK. A helper of the same release tells. */
  memcgAccounting: ({ sys }) =>
    judge(tryProgram(sys, { type: ProgType.SocketFilter, insns: assemble([call(helperKtimeGetCoarseNs), exit]) }).errno),

  /** 6.9 */
  token: ({ sys }) =>
    judgeFailure(
      errnoOf(() => tokenCreate(sys, { bpffsFd: nothing }).close()),
      Errno.EBADF,
    ),

  /** 6.14: a program's maps announced as a list. */
  fdArrayCount(context) {
    using map = minimalMap(context)
    return judge(
      tryProgram(context.sys, { type: ProgType.SocketFilter, insns: code, fdArray: Int32Array.of(map.fd), bindFdArray: true }).errno,
    )
  },

  /** 6.17 */
  programStreams(context) {
    using program = minimalProgram(context)
    return judge(errnoOf(() => progStreamRead(context.sys, { progFd: program.fd, stream: Stream.Stdout, buffer: new Uint8Array(8) })))
  },

  /** 6.4: the kernel says how much room the whole log takes. */
  logTrueSize({ sys }) {
    const log = { buffer: new Uint8Array(4096), level: LogLevel.Basic | LogLevel.Stats }
    const loaded = progLoad(sys, { type: ProgType.SocketFilter, insns: code, license: 'GPL', log })
    loaded.fd.close()
    return loaded.logTrueSize > 0
  },

  /** 6.4: a log that is too long keeps its end, unless told to keep its beginning. */
  rotatingLog({ sys }) {
    const log = { buffer: new Uint8Array(4096), level: LogLevel.Basic | LogLevel.Fixed }
    return judge(errnoOf(() => progLoad(sys, { type: ProgType.SocketFilter, insns: code, license: 'GPL', log }).fd.close()))
  },

  /** 7.2: a log for every command. */
  commonAttributes({ sys }) {
    const log = { buffer: new Uint8Array(256), level: LogLevel.Basic }
    const options = { type: MapType.Array, keySize: 4, valueSize: 4, maxEntries: 1, log }
    return judge(errnoOf(() => mapCreate(sys, options).close()))
  },
} satisfies Record<string, Probe>
