import { inspect } from 'node:util'
import type { ProgramPlan } from '@bpf/object'
import { Errno, ProgLoadError, SyscallError } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { VerifierError } from './verifier-error'

const plan: ProgramPlan = {
  name: 'count',
  section: 'xdp',
  type: 6,
  expectedAttachType: 37,
  flags: 0,
  license: 'GPL',
  kernelVersion: 0,
  optional: false,
  code: new Uint8Array(8 * 20),
  holes: [],
  attachBtfId: 0,
  attachBtfModule: undefined,
  attachTarget: undefined,
  needsTargetProgram: false,
  kfuncModules: [],
  bindMaps: [],
  funcInfo: new Uint8Array(),
  lineInfo: new Uint8Array(),
  functions: [
    { name: 'count', slot: 0 },
    { name: 'lookup', slot: 10 },
  ],
  source: [
    { slot: 0, file: 'count.bpf.c', line: 20, column: 2, text: '\tu32 key = 0;' },
    { slot: 7, file: 'count.bpf.c', line: 22, column: 3, text: '\t*value += 1;' },
    { slot: 12, file: 'count.bpf.c', line: 30, column: 9, text: '\treturn bpf_map_lookup_elem(&counts, &key);' },
  ],
  core: [],
  poisoned: [],
}

const report = `
Verification failed: Register Type Safety: Invalid dereference

Reason:
  R0 may be NULL here.

Suggestion:
  Compare R0 with NULL first.
`

const log = (instruction: number, message: string) =>
  `${instruction}: (79) r1 = *(u64 *)(r0 +0)\n${message}\nprocessed 8 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n`

describe('VerifierError', () => {
  it('says what is wrong, in which line of C, and what to do', () => {
    const error = new VerifierError({ plan, log: log(8, "R0 invalid mem access 'map_value_or_null'"), errno: 'EACCES' })
    expect(error.message).toBe(
      'program "count" was rejected by the verifier: R0 invalid mem access \'map_value_or_null\'\n    count.bpf.c:22: *value += 1;',
    )
    expect(error.hint).toBe('compare the pointer that bpf_map_lookup_elem returned with NULL before using it')
    expect(error.source).toEqual({ file: 'count.bpf.c', line: 22, text: '*value += 1;' })
    expect(error.code).toBe('ERR_BPF_VERIFIER')
  })

  it('hands on what kernels since 7.3 explain and suggest', () => {
    const error = new VerifierError({ plan, log: log(8, `R0 invalid mem access 'map_value_or_null'\n${report}`), errno: 'EACCES' })
    expect(error.summary).toBe("R0 invalid mem access 'map_value_or_null'; R0 may be NULL here.")
    expect(error.hint).toBe('Compare R0 with NULL first.')
    expect(error.source?.line).toBe(22)
  })

  it('names the linked function that the instruction is in', () => {
    const error = new VerifierError({ plan, log: log(13, 'R1 !read_ok'), errno: 'EACCES' })
    expect(error.function).toBe('lookup')
    expect(error.message).toMatch(/^program "count" was rejected by the verifier in its function "lookup": R1 !read_ok\n/)
  })

  it('explains an instruction that was poisoned on purpose instead of quoting the verifier', () => {
    const explanation = 'the kernel has no field struct task_struct.cpus_mask'
    const poisoned: ProgramPlan = {
      ...plan,
      poisoned: [{ slot: 3, kind: 'core', path: 'struct task_struct.cpus_mask', imm: 195896080, explanation }],
    }
    const error = new VerifierError({ plan: poisoned, log: log(3, 'invalid func unknown#195896080'), errno: 'EINVAL' })
    expect(error.summary).toBe(explanation)
    expect(error.hint).toMatch(/^ask first: bpf_core_field_exists/)
  })

  it('does not spill the log over the terminal when nobody catches it', () => {
    const log = `${'; a line of the log\n'.repeat(1000)}0: (95) exit\nR0 !read_ok\n`
    const from = new SyscallError({ syscall: 'bpf', operation: 'BPF_PROG_LOAD', errno: Errno.EACCES, attributes: {} })
    const error = new VerifierError({ plan, log, errno: 'EACCES', cause: new ProgLoadError(from, log, 0) })
    expect(inspect(error)).toContain('R0 !read_ok')
    expect(inspect(error)).not.toContain('a line of the log')
    expect(error.log).toBe(log)
  })

  it('knows what the verifier forbids only to processes without CAP_PERFMON', () => {
    const log = '0: (1f) r1 -= r2\nR1 pointer -= pointer prohibited\n'
    expect(new VerifierError({ plan, log, errno: 'EACCES' }).hint).toBe('without CAP_PERFMON the verifier hides addresses: grant it')
  })

  it.each([
    ['infinite loop detected at insn 8\ncur state: R0=scalar() R10=fp0\nold state: R0=scalar() R10=fp0', /^bound the loop/],
    ["R0 invalid mem access 'scalar'", /BPF_CORE_READ/],
    ["R0 invalid mem access 'inv'", /BPF_CORE_READ/],
    ['R1 type=map_value expected=map_ptr', /SEC\("\.maps"\)/],
    ['invalid access to packet, off=12 size=2, R1(id=0,off=12,r=0)\nR1 offset is outside of the packet', /data_end/],
  ])('knows what to do about %j', (message, hint) => {
    const error = new VerifierError({ plan, log: log(8, message), errno: 'EACCES' })
    expect(error.summary).toContain(message.split('\n')[0])
    expect(error.hint).toMatch(hint)
  })

  it('takes no list of what an argument could be for a packet', () => {
    const message = 'R1 type=scalar expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_'
    expect(new VerifierError({ plan, log: log(8, message), errno: 'EACCES' }).hint).toBeUndefined()
  })
})
