import { describe, expect, it } from 'vitest'
import { parseVerifierLog } from './log'

const rejected = `func#0 @0
0: R1=ctx() R10=fp0
; __u32 key = 0; @ count.bpf.c:20
0: (b7) r1 = 0                        ; R1_w=0
1: (63) *(u32 *)(r10 -4) = r1         ; R1_w=0 R10=fp0 fp-8=0000????
; *value += 1; @ count.bpf.c:22
6: (85) call bpf_map_lookup_elem#1    ; R0_w=map_value_or_null(id=1,map=counts,ks=4,vs=8)
7: (79) r1 = *(u64 *)(r0 +0)
R0 invalid mem access 'map_value_or_null'
verification time 61 usec
stack depth 4
processed 8 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`

const reported = `0: R1=ctx() R10=fp0
; return first(ctx) < s->x; @ case.c:13
1: (bf) r6 = r1                       ; R1=mem_or_null(id=1,sz=4) R6=mem_or_null(id=1,sz=4)
2: (61) r2 = *(u32 *)(r6 +0)
R6 invalid mem access 'mem_or_null'

Verification failed: Register Type Safety: Invalid dereference

Reason:
  R6 may be NULL here (mem_or_null). The program could
  dereference it, so the verifier refuses.

At:
  helper @ case.c:13:36
      12 | ...                                   1 | (bf) r6 = r1
  >>> 13 |     return first(ctx) < s->x;     >>> 2 | (61) r2 = *(u32 *)(r6 +0)
         |     ^-- error: invalid dereference of R6 (mem_or_null)

Causal path:
  no retained diagnostic events on this path

Suggestion:
  Compare R6 with NULL on every path before this instruction.

processed 3 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`

describe('parseVerifierLog', () => {
  it('finds what is wrong, where, and in which line of C', () => {
    const log = parseVerifierLog(rejected)
    expect(log.summary).toBe("R0 invalid mem access 'map_value_or_null'")
    expect(log.instruction).toBe(7)
    expect(log.source).toEqual({ text: '*value += 1;', file: 'count.bpf.c', line: 22 })
  })

  it('gives the walk step by step', () => {
    expect(parseVerifierLog(rejected).steps[3]).toEqual({
      instruction: 7,
      text: '(79) r1 = *(u64 *)(r0 +0)',
      state: 'R0_w=map_value_or_null(id=1,map=counts,ks=4,vs=8)',
      source: { text: '*value += 1;', file: 'count.bpf.c', line: 22 },
    })
  })

  it('reads the statistics', () => {
    expect(parseVerifierLog(rejected).statistics).toMatchObject({
      processedInstructions: 8,
      limit: 1000000,
      verificationMicroseconds: 61,
      stackDepth: '4',
    })
  })

  it('understands old kernels, which print no place and other states', () => {
    const log = parseVerifierLog(
      '; int x = *p;\n0: (79) r0 = *(u64 *)(r1 +8)\ninvalid bpf_context access off=8 size=8\nprocessed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n',
    )
    expect(log.summary).toBe('invalid bpf_context access off=8 size=8')
    expect(log.source).toEqual({ text: 'int x = *p;', file: undefined, line: undefined })
  })

  it('says what and why when the verifier does', () => {
    const log = parseVerifierLog(
      '8: (db) lock *(u64 *)(r0 +0) += r6\ninvalid access to map value, value_size=4 off=0 size=8\nR0 min value is outside of the allowed memory range\n',
    )
    expect(log.summary).toBe('invalid access to map value, value_size=4 off=0 size=8; R0 min value is outside of the allowed memory range')
  })

  it('understands the report of kernels since 7.3', () => {
    const log = parseVerifierLog(reported)
    expect(log.summary).toBe(
      "R6 invalid mem access 'mem_or_null'; R6 may be NULL here (mem_or_null). The program could dereference it, so the verifier refuses.",
    )
    expect(log.diagnosis).toEqual({
      title: 'Register Type Safety: Invalid dereference',
      reason: 'R6 may be NULL here (mem_or_null). The program could dereference it, so the verifier refuses.',
      suggestion: 'Compare R6 with NULL on every path before this instruction.',
    })
    expect([log.instruction, log.steps.length, log.source?.line]).toEqual([2, 2, 13])
    expect(log.statistics?.processedInstructions).toBe(3)
    expect(log.notes).toContain('  no retained diagnostic events on this path')
  })

  it('makes the best of a report that is short', () => {
    const [, report = ''] = /(Verification failed: .*)/.exec(reported) ?? []
    expect(parseVerifierLog(`${report}\n`)).toMatchObject({
      summary: 'Register Type Safety: Invalid dereference',
      diagnosis: { reason: '' },
    })
  })

  it('finds nothing wrong where there are only statistics', () => {
    const statistics = 'processed 0 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n'
    expect(parseVerifierLog(statistics)).toMatchObject({ summary: '', steps: [], statistics: { processedInstructions: 0 } })
    expect(parseVerifierLog(`0: (95) exit\n${statistics}`).summary).toBe('')
  })

  it('shows the last line of a log that breaks off', () => {
    expect(parseVerifierLog('0: (b7) r0 = 0').summary).toBe('0: (b7) r0 = 0')
  })

  it('takes whatever it is given', () => {
    expect(parseVerifierLog('').summary).toBe('')
    expect(parseVerifierLog('unknown func bpf_foo#999\n\0\0').summary).toBe('unknown func bpf_foo#999')
    expect(parseVerifierLog('BPF program is too large. Processed 1000001 insn').summary).toBe(
      'BPF program is too large. Processed 1000001 insn',
    )
  })
})
