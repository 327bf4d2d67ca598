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
