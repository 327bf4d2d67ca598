import { type Btf, parseBtf } from '@bpf/btf'
import { describe, expect, it } from 'vitest'
import { plan } from '../plan'
import type { ObjectSpec } from '../spec'
import { readSpec } from '../testing/read-fixture'
import { testTarget } from '../testing/test-target'
import { minimiseFor } from './minimise-for'

/** The code of each program, or why there is none. */
function programsOn(spec: ObjectSpec, kernel: Btf) {
  const { programs } = plan(spec, testTarget(kernel, { littleEndian: spec.littleEndian }), { keepGoing: true })
  return programs.map(program => [program.name, program.error === undefined ? program.code : program.error.code])
}

async function btfOf(fixture: string): Promise<Btf> {
  const { btf } = await readSpec(fixture)
  if (btf === undefined) throw new Error(`${fixture} has no BTF`)
  return btf
}

describe('minimiseFor', () => {
  it.each([
    ['core/fields', 'core/fields-target'],
    ['core/fields-be', 'core/fields-be-target'],
    ['core/bitfields', 'core/bitfields-target'],
    ['core/candidates', 'core/candidates-target'],
    ['examples/execsnoop', 'examples/execsnoop'],
  ])('%s comes to the same on less', async (object, target) => {
    const spec = await readSpec(object)
    const kernel = await btfOf(target)
    const small = parseBtf(minimiseFor([spec], kernel))
    expect(programsOn(spec, small)).toEqual(programsOn(spec, kernel))
    expect(small.endId).toBeLessThan(kernel.endId)
  })

  it('serves several objects at once, and those without relocations', async () => {
    const [fields, bitfields, plain] = await Promise.all(['core/fields', 'core/bitfields', 'legacy/static-map'].map(readSpec))
    if (!fields || !bitfields || !plain) throw new Error('unreachable')
    const kernel = await btfOf('core/fields-target')
    const small = parseBtf(minimiseFor([plain, bitfields, fields], kernel))
    expect(programsOn(fields, small)).toEqual(programsOn(fields, kernel))
    expect(parseBtf(minimiseFor([plain], kernel)).endId).toBe(1)
  })
})
