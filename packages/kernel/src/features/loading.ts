import type { TypeId } from '@bpf/btf'
import { AttachType, Errno, linkCreate, MapFlag, MapType, mapCreate, ProgType, progLoad } from '@bpf/sys'
import { add, assemble, call, callLocal, exit, mapValue, mov, movReg, r1, r2, r3, r10, returnZero, store64 } from './code'
import { multiLink } from './links'
import { errnoOf, judge, judgeFailure, openBtf, type Probe, type ProbeContext, tryMap, tryProgram, type Verdict } from './probe'

const code = assemble(returnZero)
const helperProbeReadKernel = 113
const helperGetAttachCookie = 174
const helperGetFuncIp = 173
const id = (value: number) => value as TypeId

/** Abilities that change what a loader sends. The comment is the kernel that brought them. */
export const loadingProbes = {
  /** 4.15 */
  programName: ({ sys }) => judge(tryProgram(sys, { type: ProgType.SocketFilter, insns: code, name: 'name_probe' }).errno),

  /** 5.2 */
  globalData({ sys }) {
    using map = mapCreate(sys, { type: MapType.Array, keySize: 4, valueSize: 32, maxEntries: 1 })
    const insns = assemble([...mapValue(r1, map.fd, 16), store64(r1, 0, 42), ...returnZero])
    return judge(tryProgram(sys, { type: ProgType.SocketFilter, insns }).errno)
  },

  /** 5.5 */
  arrayMmap: ({ sys }) => judge(tryMap(sys, { type: MapType.Array, keySize: 4, valueSize: 4, maxEntries: 1, flags: MapFlag.Mmapable })),

  /** 4.17 */
  expectedAttachType: ({ sys }) =>
    judge(tryProgram(sys, { type: ProgType.CgroupSock, insns: code, expectedAttachType: AttachType.CgroupInetSockCreate }).errno),

  /** 5.5 */
  probeReadKernel({ sys }) {
    const insns = assemble([movReg(r1, r10), add(r1, -8), mov(r2, 8), mov(r3, 0), call(helperProbeReadKernel), exit])
    return judge(tryProgram(sys, { type: ProgType.Tracepoint, insns }).errno)
  },

  /** 5.15 */
  bpfCookie: ({ sys }) => judge(tryProgram(sys, { type: ProgType.Tracepoint, insns: assemble([call(helperGetAttachCookie), exit]) }).errno),

  /** 4.17 on x86-64, 4.19 on arm64: system calls are functions named after the processor. */
  syscallWrapper({ sys, hasSymbol }) {
    return hasSymbol(sys.native.arch.name === 'x64' ? '__x64_sys_bpf' : '__arm64_sys_bpf')
  },

  /** 5.18 */
  kprobeMulti: context => multiLink(context, AttachType.TraceKprobeMulti),

  /**
   * 6.6, with the process filter as repaired in 6.10: the first kernels compared threads. A repaired kernel refuses an
   * impossible process before it looks at the path.
   */
  uprobeMulti(context) {
    const supported = multiLink(context, AttachType.TraceUprobeMulti)
    return supported === true ? repairedPidFilter(context) : supported
  },

  /** 6.8: the tag `arg:ctx` makes a parameter of a global function the context. */
  argCtxTag({ sys, kernelVersion: kernVersion }) {
    using btf = openBtf(sys, [
      { kind: 'int', name: 'int', size: 4, encoding: { signed: true } },
      { kind: 'ptr', type: id(0) },
      { kind: 'funcProto', returnType: id(1), params: [{ name: 'a', type: id(2) }] },
      { kind: 'func', name: 'main', type: id(3), linkage: 'global' },
      { kind: 'func', name: 'sub', type: id(3), linkage: 'global' },
      { kind: 'declTag', name: 'arg:ctx', type: id(5), componentIndex: 0 },
    ])
    if (btf === undefined) return false
    // Only a context is good enough for the helper that the subprogram calls.
    const insns = assemble([callLocal(1), exit, call(helperGetFuncIp), exit])
    const funcInfo = new Uint8Array(Uint32Array.of(0, 4, 2, 5).buffer)
    return judge(tryProgram(sys, { type: ProgType.Kprobe, insns, kernVersion, btfFd: btf.fd, funcInfo, funcInfoRecSize: 8 }).errno)
  },

  /** 7.0: offsets into a map's value above 2^29. Which check complains tells whether the limit is there. */
  largeMapValueOffset({ sys }) {
    using map = mapCreate(sys, { type: MapType.Array, keySize: 4, valueSize: 1, maxEntries: 1 })
    const insns = assemble([...mapValue(r1, map.fd, 2 ** 30), ...returnZero])
    const { log } = tryProgram(sys, { type: ProgType.SocketFilter, insns, wantLog: true })
    if (log.includes('direct value offset of')) return false
    return log.includes('invalid access to map value pointer') ? true : undefined
  },
} satisfies Record<string, Probe>

function repairedPidFilter({ sys, kernelVersion: kernVersion }: ProbeContext): Verdict {
  const attachType = AttachType.TraceUprobeMulti
  const errno = errnoOf(() => {
    using program = progLoad(sys, { type: ProgType.Kprobe, insns: code, license: 'GPL', kernVersion, expectedAttachType: attachType }).fd
    const tail = { kind: 'uprobeMulti', path: '/', offsets: new BigUint64Array(1), pid: 0xffff_ffff } as const
    linkCreate(sys, { progFd: program.fd, attachType }, tail).close()
  })
  return judgeFailure(errno, Errno.EINVAL)
}
