import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { plan } from '../plan'
import type { FailedProgram, ProgramPlan } from '../plan-types'
import { readObject } from '../read/read-object'
import { fileTarget } from '../target-file'
import { runProgram } from '../testing/run-program'

const isLittleEndian = (suffix: string) => suffix !== '-be'

/** Plans an object for the kernel whose BTF is in its twin, compiled from the same source. */
async function planTwin(name: string, suffix: string, programs: readonly string[]): Promise<readonly (ProgramPlan | FailedProgram)[]> {
  const spec = readObject(await readFixture(`core/${name}${suffix}.o`), { name })
  const kernel = readObject(await readFixture(`core/${name}${suffix}-target.o`))
  const target = fileTarget({ vmlinux: kernel.btf, version: '6.12', littleEndian: isLittleEndian(suffix) })
  return plan(spec, target, { keepGoing: true, programs }).programs
}

/** `types` has questions that clang 14 cannot ask. */
const sources: Readonly<Record<string, readonly string[]>> = {
  '': ['fields', 'bitfields', 'candidates', 'types'],
  '-be': ['fields', 'bitfields', 'candidates', 'types'],
  '-clang14': ['fields', 'bitfields', 'candidates'],
}

describe.each(Object.keys(sources))('programs compiled for another layout%s', suffix => {
  const littleEndian = isLittleEndian(suffix)
  const checks = [
    ['fields', 'offsets'],
    ['fields', 'sizes'],
    ['fields', 'existence'],
    ['fields', 'signs'],
    ['fields', 'loads'],
    ['fields', 'guarded'],
    ['bitfields', 'read_bit_fields'],
    ['types', 'type_questions'],
    ['types', 'type_matches'],
    ['types', 'enumerators'],
    ['candidates', 'agreement'],
    ['candidates', 'choice'],
  ] as const

  it.each(checks.filter(([name]) => sources[suffix]?.includes(name)))(
    '%s: %s returns 0, or else the line that failed',
    async (name, program) => {
      const [planned] = await planTwin(name, suffix, [program])
      if (planned === undefined || planned.error !== undefined) throw planned?.error ?? new Error('not planned')
      expect(runProgram(planned.code, littleEndian)).toBe(0n)
    },
  )

  it('keep what has no value from being reached', async () => {
    const [unguarded] = await planTwin('fields', suffix, ['unguarded'])
    expect(unguarded).toMatchObject({
      poisoned: [{ kind: 'core', imm: 195896080, path: 'struct task.gone', explanation: expect.stringContaining('no member gone') }],
    })
    const [signed] = await planTwin('fields', suffix, ['signed_load'])
    expect(signed).toMatchObject({
      poisoned: [{ path: 'struct task.pid', explanation: expect.stringContaining('keeps the value only of') }],
    })
    for (const program of [unguarded, signed]) {
      expect(() => runProgram(program?.error === undefined ? (program?.code ?? new Uint8Array()) : new Uint8Array(), littleEndian)).toThrow(
        'cannot run',
      )
    }
  })

  it('are refused where types of the kernel contradict each other', async () => {
    const [contradiction] = await planTwin('candidates', suffix, ['contradiction'])
    expect(contradiction?.error).toMatchObject({
      code: 'ERR_BPF_CORE_AMBIGUOUS',
      message: expect.stringMatching(
        /^program "contradiction" .*candidates\.bpf\.c:\d+\): CO-RE relocation of struct rivals\.value .* candidates disagree/,
      ),
    })
  })
})
