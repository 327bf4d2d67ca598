import { readFixture } from '@bpf/fixtures'
import { readObject } from '@bpf/object'
import { describe, expect, it } from 'vitest'
import { createContext } from './context'
import { open } from './open'
import { isRoot, kernelTest } from './testing/kernel'
import { VerifierError } from './verifier/verifier-error'

/** Programs compiled for one layout of their structs, relocated for another: the second build's BTF plays the kernel. */
async function openForTwin(name: string) {
  const kernel = readObject(await readFixture(`core/${name}-target.o`))
  if (kernel.btf === undefined) throw new Error(`${name}-target.o has no BTF`)
  return open(await readFixture(`core/${name}.o`), { name, context: createContext({ kernel: { btf: kernel.btf } }) })
}

const programs = {
  fields: ['offsets', 'sizes', 'existence', 'signs', 'loads', 'guarded'],
  'fields-clang14': ['offsets', 'sizes', 'existence', 'signs', 'loads', 'guarded'],
  bitfields: ['read_bit_fields'],
  'bitfields-clang14': ['read_bit_fields'],
  types: ['type_questions', 'type_matches', 'enumerators'],
  candidates: ['agreement', 'choice'],
  'candidates-clang14': ['agreement', 'choice'],
}

describe.skipIf(!isRoot)('CO-RE programs run by the kernel (needs root)', () => {
  kernelTest()

  for (const [object, names] of Object.entries(programs)) {
    it.each(names)(`${object}: %s returns 0, or else the line that failed`, async name => {
      using loaded = (await openForTwin(object)).only(name).load()
      expect(loaded.program(name).run().returnValue).toBe(0)
    })
  }

  it('an access that the kernel has no field for explains itself when the verifier reaches it', async () => {
    const object = (await openForTwin('fields')).only('unguarded')
    expect(() => object.load()).toThrow(VerifierError)
    expect(() => object.load()).toThrow('struct task.gone is not in the target')
  })
})
