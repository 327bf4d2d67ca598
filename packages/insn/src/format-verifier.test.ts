import { describe, expect, it } from 'vitest'
import { assemble } from './assemble'
import { decode } from './decode'
import { formatLikeVerifier } from './format-verifier'

const formatted = (source: string, callee?: string) =>
  decode(assemble(source, { littleEndian: true }).code, true).map(({ instruction }) => formatLikeVerifier(instruction, callee))

describe('formatLikeVerifier', () => {
  it('writes numbers in decimal, but what is compared with in hex', () => {
    expect(formatted('r1 = -5; w2 s/= 0x10; *(u32 *)(r10 - 4) = 7; if w1 s> -1 goto +2; if r1 == r2 goto -1; goto +3')).toEqual([
      'r1 = -5',
      'w2 s/= 16',
      '*(u32 *)(r10 -4) = 7',
      'if w1 s> 0xffffffff goto pc+2',
      'if r1 == r2 goto pc-1',
      'goto pc+3',
    ])
  })

  it('names 64 bits of atomics', () => {
    const atomics = [true, false].flatMap(wide =>
      (['add', 'xchg', 'cmpxchg'] as const).map(op =>
        formatLikeVerifier({ kind: 'atomic', op, fetch: true, bits: wide ? 64 : 32, base: 1, offset: 8, src: 2 }),
      ),
    )
    expect(atomics).toEqual([
      'r2 = atomic64_fetch_add((u64 *)(r1 +8), r2)',
      'r2 = atomic64_xchg((u64 *)(r1 +8), r2)',
      'r0 = atomic64_cmpxchg((u64 *)(r1 +8), r0, r2)',
      'r2 = atomic_fetch_add((u32 *)(r1 +8), r2)',
      'r2 = atomic_xchg((u32 *)(r1 +8), r2)',
      'r0 = atomic_cmpxchg((u32 *)(r1 +8), r0, r2)',
    ])
    expect(formatted('lock *(u32 *)(r1 + 0) += w2')).toEqual(['lock *(u32 *)(r1 +0) += r2'])
  })

  it('says what is called, by the helper or by a symbol', () => {
    expect(formatted('call bpf_map_lookup_elem; call pc+1; call kfunc 0x4d2', 'symbol')).toEqual([
      'call bpf_map_lookup_elem#1',
      'call pc+1#symbol',
      'call symbol#1234',
    ])
    expect(formatted('call 0x1c2f0; call pc+1')).toEqual(['call unknown#115440', 'call pc+1'])
  })

  it('writes maps by id, as they stand in loaded programs', () => {
    expect(formatted('r1 = map_fd(0x3) ll; r1 = map_value(0x3, 0x8) ll; r1 = func(pc-0x2) ll; r1 = -1 ll')).toEqual([
      'r1 = map[id:3]',
      'r1 = map[id:3][0]+8',
      'r1 = subprog[-2]',
      'r1 = 0xffffffffffffffff',
    ])
  })
})
