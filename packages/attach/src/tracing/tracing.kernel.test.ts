import { readFileSync } from 'node:fs'
import { AttachType, Errno, isSyscallError, linkCreate, ProgType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { attachCgroup } from '../cgroup/cgroup'
import { kernelTypeId } from '../testing/btf-ids'
import { countingProgram } from '../testing/counting-program'
import { attachErrorOf } from '../testing/errors'
import { testCgroup } from '../testing/test-cgroup'
import { openDescriptors, testContext } from '../testing/test-context'
import { TestSocket } from '../testing/test-socket'
import { attachTracing } from './tracing'

const context = testContext()
const { sys, kernel } = context

const functions = { fentry: 'TraceFentry', fexit: 'TraceFexit', lsm: 'LsmMac', fmod_ret: 'ModifyReturn' } as const
type Kind = keyof typeof functions | 'tp_btf'

/** Called for every file that is opened. */
const opened = { fentry: 'do_sys_openat2', fexit: 'do_sys_openat2', lsm: 'bpf_lsm_file_open', fmod_ret: 'security_file_open' } as const
const openAFile = () => readFileSync('/proc/self/comm')

function load(kind: Kind, options: { readonly cookie?: boolean } = {}) {
  const isTracepoint = kind === 'tp_btf'
  const target = isTracepoint ? 'sys_enter' : opened[kind]
  return countingProgram(sys, {
    type: kind === 'lsm' ? ProgType.Lsm : ProgType.Tracing,
    expectedAttachType: AttachType[isTracepoint ? 'TraceRawTp' : functions[kind]],
    attachBtfId: isTracepoint ? kernelTypeId(kernel, `btf_trace_${target}`, 'typedef') : kernelTypeId(kernel, target, 'func'),
    target,
    ...options,
  })
}

/** Whether this kernel lets functions be patched, as all but tracepoints need; some answer EPERM. */
function patchable(kind: keyof typeof functions): boolean {
  try {
    using program = load(kind)
    linkCreate(sys, { progFd: program.fd, attachType: program.expectedAttachType }).close()
    return true
  } catch (error) {
    if (isSyscallError(error, Errno.EPERM, Errno.ENOTSUPP)) return false
    throw error
  }
}

const all: readonly Kind[] = ['tp_btf', 'fentry', 'fexit', 'lsm', 'fmod_ret']
const usable = new Map(all.map(kind => [kind, kind === 'tp_btf' || patchable(kind)]))
const cases = all.flatMap(kind => (['bpf link', 'raw_tracepoint_open'] as const).map(via => [kind, via] as const))

for (const [kind, via] of cases) {
  describe.skipIf(!usable.get(kind))(
    `${kind} by ${via}${usable.get(kind) ? '' : ' (this kernel does not let its functions be patched)'}`,
    () => {
      it('runs until it is detached', () => {
        const before = openDescriptors()
        {
          using program = load(kind)
          const link = attachTracing(context, program, { interfaces: [via] })
          expect(link).toMatchObject({ kind, interface: via, target: program.attachTarget })
          const { expectedAttachType: attachType } = program
          expect(link.info()).toMatchObject(
            kind === 'tp_btf' ? { kind: 'rawTracepoint', name: 'sys_enter' } : { kind: 'tracing', attachType },
          )
          openAFile()
          expect(program.count()).toBeGreaterThan(0)
          link.close()
          link.close()
          const runs = program.count()
          openAFile()
          expect(program.count()).toBe(runs)
        }
        expect(openDescriptors()).toBe(before)
      })
    },
  )
}

describe('tp_btf', () => {
  it('hands the program its cookie, by link only', () => {
    using program = load('tp_btf', { cookie: true })
    using link = attachTracing(context, program, { cookie: 5n })
    expect(link.interface).toBe('bpf link')
    openAFile()
    expect(program.cookie()).toBe(5n)
    expect(attachErrorOf(() => attachTracing(context, program, { cookie: 5n, interfaces: ['raw_tracepoint_open'] })).message).toContain(
      'it has no cookies for such programs',
    )
  })
})

describe.skipIf(!usable.get('lsm'))('lsm_cgroup (functions that can be patched)', () => {
  it('runs for what processes of the cgroup do', () => {
    using cgroup = testCgroup(context, 'lsm')
    using program = countingProgram(sys, {
      type: ProgType.Lsm,
      expectedAttachType: AttachType.LsmCgroup,
      attachBtfId: kernelTypeId(kernel, 'bpf_lsm_socket_post_create', 'func'),
      returns: 1,
    })
    using link = attachCgroup(context, program, { cgroup: cgroup.path })
    cgroup.inside(() => TestSocket.udp(sys).close())
    expect(program.count()).toBe(1)
    link.close()
    cgroup.inside(() => TestSocket.udp(sys).close())
    expect(program.count()).toBe(1)
  })
})
