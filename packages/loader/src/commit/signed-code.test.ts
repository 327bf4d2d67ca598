import { disassemble } from '@bpf/insn'
import type { ProgramPlan } from '@bpf/object'
import { describe, expect, it } from 'vitest'
import { mapsOfSigned, signedCode } from './signed-code'

/** `r1 = 0 ll; r2 = 8 ll; r3 = 0 ll; exit`, where the loads are waiting for maps. */
const ldimm64 = (dst: number, source: number, offset: number) => [0x18, (source << 4) | dst, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, offset, 0, 0, 0]
const code = Uint8Array.from([...ldimm64(1, 1, 0), ...ldimm64(2, 2, 8), ...ldimm64(3, 1, 0), 0x95, 0, 0, 0, 0, 0, 0, 0])
const holes = [
  { slot: 0, kind: 'map', map: 'counts' },
  { slot: 2, kind: 'mapValue', map: '.data' },
  { slot: 4, kind: 'map', map: 'counts' },
] as const
const fields: Partial<ProgramPlan> = { name: 'p', code, holes, kfuncModules: ['veth'] }
const plan = fields as ProgramPlan

describe('the code of a signed program', () => {
  it('names maps by their places in the array of descriptors, behind those of modules', () => {
    expect(mapsOfSigned(plan)).toEqual(['counts', '.data'])
    expect(disassemble(signedCode(plan), { littleEndian: true }).trimEnd().split('\n')).toEqual([
      '  r1 = map_idx(0x2) ll',
      '  r2 = map_idx_value(0x3, 0x8) ll',
      '  r3 = map_idx(0x2) ll',
      '  exit',
    ])
  })

  it('leaves the plan as it is', () => {
    const before = plan.code.slice()
    signedCode(plan)
    expect(plan.code).toEqual(before)
  })

  it('may hold no descriptor', () => {
    const withBtf: ProgramPlan = { ...plan, holes: [{ slot: 0, kind: 'moduleBtf', module: 'veth' }] }
    expect(() => signedCode(withBtf)).toThrow('program "p" cannot be signed: its code holds a descriptor, of the BTF of module veth')
  })
})
