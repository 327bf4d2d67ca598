import { AttachType, Errno, ProgFlag, type ProgLoadOptions, ProgType } from '@bpf/sys'
import { assemble, returnZero } from './code'
import { judge, type ProbeContext, tryProgram, type Verdict } from './probe'

/** What a minimal program of a type needs besides its two instructions. */
export type TypeOptions = Pick<ProgLoadOptions, 'expectedAttachType' | 'flags' | 'attachBtfId' | 'kernVersion'>

interface TypeProbe extends TypeOptions {
  /** No program is loaded without a real target: the way it is refused tells that the type is known. */
  readonly refusal?: { readonly errno: number; readonly log?: string }
}

const notAFunction = { errno: Errno.EINVAL, log: 'attach_btf_id 1 is not a function' }

const typeProbes: Readonly<Record<number, TypeProbe>> = {
  [ProgType.CgroupSockAddr]: { expectedAttachType: AttachType.CgroupInet4Connect },
  [ProgType.CgroupSockopt]: { expectedAttachType: AttachType.CgroupGetsockopt },
  [ProgType.SkLookup]: { expectedAttachType: AttachType.SkLookup },
  [ProgType.LircMode2]: { expectedAttachType: AttachType.LircMode2 },
  [ProgType.Netfilter]: { expectedAttachType: AttachType.Netfilter },
  [ProgType.Syscall]: { flags: ProgFlag.Sleepable },
  [ProgType.Tracing]: { expectedAttachType: AttachType.TraceFentry, attachBtfId: 1, refusal: notAFunction },
  [ProgType.Lsm]: { expectedAttachType: AttachType.LsmMac, attachBtfId: 1, refusal: notAFunction },
  [ProgType.Ext]: { attachBtfId: 1, refusal: { errno: Errno.EINVAL, log: 'Cannot replace kernel functions' } },
  [ProgType.StructOps]: { refusal: { errno: Errno.ENOTSUPP } },
}

/** Whether the kernel knows a program type. */
export function probeProgramType({ sys, kernelVersion: kernVersion }: ProbeContext, type: number): Verdict {
  const { refusal, ...options } = typeProbes[type] ?? {}
  const { errno, log } = tryProgram(sys, {
    type,
    insns: assemble(returnZero),
    kernVersion,
    ...options,
    wantLog: refusal?.log !== undefined,
  })
  if (refusal === undefined) return judge(errno)
  if (errno !== refusal.errno) return judge(errno)
  return refusal.log === undefined || log.includes(refusal.log)
}

/** What it takes to load any program of a type; undefined for types that need an object of their own to extend or implement. */
export function loadOptionsOf({ btfFunction, kernelVersion: kernVersion }: ProbeContext, type: number): TypeOptions | undefined {
  if (type === ProgType.Tracing) return onFunction(btfFunction('bpf_fentry_test1') ?? btfFunction('vfs_read'), AttachType.TraceFentry)
  if (type === ProgType.Lsm) return onFunction(btfFunction('bpf_lsm_file_open'), AttachType.LsmMac)
  if (type === ProgType.Ext || type === ProgType.StructOps) return undefined
  return { kernVersion, ...typeProbes[type] }
}

function onFunction(attachBtfId: number | undefined, expectedAttachType: number): TypeOptions | undefined {
  return attachBtfId === undefined ? undefined : { attachBtfId, expectedAttachType }
}
