import { programTag } from '@bpf/insn'
import type { ProgramPlan } from '@bpf/object'
import { littleEndian } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import type { ProgramInfo } from '../loaded-program'
import { runsPlanned } from './planned-tag'
import { signedCode } from './signed-code'

/** `r1 = counts ll; r0 = 0; exit`. */
const code = Uint8Array.from([0x18, 0x11, 0, 0, 0, 0, 0, 0, ...new Array(8).fill(0), 0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0])
const fields: Partial<ProgramPlan> = { name: 'p', code, holes: [{ slot: 0, kind: 'map', map: 'counts' }], kfuncModules: [] }
const plan = fields as ProgramPlan

/** A program in the kernel that shows this tag. */
const loaded = (tag: string, planned = plan) => ({ plan: planned, info: () => ({ tag }) as ProgramInfo })

describe('whether a program runs what is planned', () => {
  it.each(['sha1', 'sha256'] as const)('is told by its tag, by %s too', hash => {
    expect(runsPlanned(loaded(programTag(code, { littleEndian, hash })))).toBe(true)
    expect(runsPlanned(loaded('0123456789abcdef'))).toBe(false)
  })

  it('holds also if it was loaded with a signature', () => {
    expect(runsPlanned(loaded(programTag(signedCode(plan), { littleEndian })))).toBe(true)
  })

  it('is not told where code holds the descriptor of a module', () => {
    expect(runsPlanned(loaded('0123456789abcdef', { ...plan, holes: [{ slot: 0, kind: 'moduleBtf', module: 'veth' }] }))).toBe(true)
  })
})
